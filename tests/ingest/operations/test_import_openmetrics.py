"""Files of telemetry through the real database."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from attribution.models import Source
from attribution.queries.strips import read_strips
from ingest.models import Connection, FeedHour, Rejection
from ingest.operations.import_openmetrics import import_openmetrics
from ingest.operations.pull import pull_window
from ingest.sources.errors import SourceError
from tests.ingest.operations.test_pull import END, HOUR, LATER, query, strips
from tests.support.fleet import Fleet, small_fleet
from tests.support.telemetry import START, T0, small_fleet_text

pytestmark = pytest.mark.django_db
SIGNALS = ["dcgm", "kube_state_metrics", "vllm", "litellm", "locality_egress"]
USAGE = (
    "SELECT hour, level, service_label_id, tenant_label_id, outcome, requests, output_tokens FROM usage_hour"
)


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    Connection.objects.create(source=made.telemetry, signals=SIGNALS)
    Source.objects.filter(pk=made.telemetry.pk).update(kind="openmetrics")
    return made


def load(fleet: Fleet, *files: Path) -> int:
    return import_openmetrics(source_id=fleet.telemetry.pk, files=files, now=LATER).samples


def test_a_file_gives_what_a_prometheus_with_the_same_samples_gives(
    fleet: Fleet, small_fleet_file: Path, small_fleet_url: str
) -> None:
    load(fleet, small_fleet_file)
    from_file = (
        strips(fleet),
        query(f"{USAGE} ORDER BY 1, 2, 3, 4, 5"),
        query("SELECT * FROM transfer_hour ORDER BY 1, 2, 3, 4"),
    )
    Source.objects.filter(pk=fleet.telemetry.pk).update(kind="prometheus")
    Connection.objects.update(settings={"url": small_fleet_url})
    for part in pull_window(source_id=fleet.telemetry.pk, start=START, end=END, now=LATER):
        assert part.error == ""
    live = strips(fleet)
    assert live.keys() == from_file[0].keys()
    for key, signals in live.items():
        for name, values in signals.items():
            assert values == pytest.approx(from_file[0][key][name], rel=1e-6, nan_ok=True), (key, name)
    assert query(f"{USAGE} ORDER BY 1, 2, 3, 4, 5") == from_file[1]
    assert query("SELECT * FROM transfer_hour ORDER BY 1, 2, 3, 4") == from_file[2]


def test_the_same_file_again_changes_nothing(fleet: Fleet, small_fleet_file: Path) -> None:
    assert load(fleet, small_fleet_file) == load(fleet, small_fleet_file)
    assert len(read_strips(fleet.cluster.pk, [START, START + HOUR, START + 2 * HOUR])["hour"]) == len(
        strips(fleet)
    )


def _halves(folder: Path) -> tuple[Path, Path]:
    """The small fleet cut in two at 11:00."""
    lines = small_fleet_text().splitlines()[:-1]
    first, second = folder / "first.om", folder / "second.om"
    early = [line for line in lines if line[0] == "#" or float(line.rsplit(" ", 1)[1]) < T0 + 3600]
    late = [line for line in lines if line[0] == "#" or float(line.rsplit(" ", 1)[1]) >= T0 + 3600]
    first.write_text("\n".join([*early, "# EOF\n"]))
    second.write_text("\n".join([*late, "# EOF\n"]))
    return first, second


def test_files_given_together_have_no_seam(fleet: Fleet, small_fleet_file: Path, tmp_path: Path) -> None:
    load(fleet, small_fleet_file)
    whole = query(f"{USAGE} ORDER BY 1, 2, 3, 4, 5")
    load(fleet, *_halves(tmp_path))
    assert query(f"{USAGE} ORDER BY 1, 2, 3, 4, 5") == whole


def test_files_given_one_after_the_other_have_no_seam_either(
    fleet: Fleet, small_fleet_file: Path, tmp_path: Path
) -> None:
    load(fleet, small_fleet_file)
    whole = query(f"{USAGE} ORDER BY 1, 2, 3, 4, 5"), query("SELECT * FROM transfer_hour ORDER BY 1, 2, 3, 4")
    first, second = _halves(tmp_path)
    for path in (first, second, first, second, second):
        load(fleet, path)
    assert query(f"{USAGE} ORDER BY 1, 2, 3, 4, 5") == whole[0]
    assert query("SELECT * FROM transfer_hour ORDER BY 1, 2, 3, 4") == whole[1]


def test_a_file_that_is_cut_off_changes_nothing(fleet: Fleet, small_fleet_file: Path, tmp_path: Path) -> None:
    load(fleet, small_fleet_file)
    before = strips(fleet).keys()
    cut = tmp_path / "cut.om"
    cut.write_text(small_fleet_text()[:5000])
    with pytest.raises(SourceError, match="cut off"):
        load(fleet, cut)
    assert strips(fleet).keys() == before


def test_lines_that_cannot_be_read_are_kept_with_their_numbers(fleet: Fleet, tmp_path: Path) -> None:
    path = tmp_path / "odd.om"
    lines = small_fleet_text().splitlines()
    lines[3:3] = ["DCGM_FI_DEV_FB_USED{UUID=1} 3 1", 'DCGM_FI_DEV_FB_USED{UUID="x"} many 1772618400']
    path.write_text("\n".join(lines) + "\n")
    load(fleet, path)
    load(fleet, path)
    assert sorted(Rejection.objects.values_list("line", "column")) == [(4, "name"), (5, "value")]
    assert set(FeedHour.objects.values_list("status", flat=True)) == {"complete"}


def test_the_command_reads_files_of_a_source(
    fleet: Fleet, small_fleet_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ingest", "--source", "telemetry", str(small_fleet_file))
    assert "in 3 hours; 0 rejected" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No such file"):
        call_command("ingest", "--source", "telemetry", "/no/such/file.om")
    with pytest.raises(CommandError, match="name the files"):
        call_command("ingest", "--source", "telemetry")


def test_the_command_goes_on_where_it_was_stopped(
    fleet: Fleet, small_fleet_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Source.objects.filter(pk=fleet.telemetry.pk).update(kind="prometheus")
    Connection.objects.update(settings={"url": small_fleet_url})
    span = "--from", "2026-03-04T10:00Z", "--to"
    call_command("ingest", "--source", "telemetry", *span, "2026-03-04T12:00Z")
    read_at = FeedHour.objects.get(hour=START).read_at
    call_command("ingest", "--source", "telemetry", *span, "2026-03-04T13:00Z")
    assert "samples in 1 of 3 hours" in capsys.readouterr().out.splitlines()[-1]
    assert FeedHour.objects.get(hour=START).read_at == read_at
    call_command("ingest", "--source", "telemetry", *span, "2026-03-04T13:00Z", "--again")
    assert "samples in 3 of 3 hours" in capsys.readouterr().out.splitlines()[-1]
    Connection.objects.update(settings={"url": "http://127.0.0.1:9", "timeout": 1})
    with pytest.raises(CommandError, match=r"2026-03-04T13:00Z: .*refused"):
        call_command(
            "ingest", "--source", "telemetry", "--from", "2026-03-04T13:00Z", "--to", "2026-03-04T14:00Z"
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "nobody"], "there are: telemetry"),
        (["--source", "telemetry"], "--from and --to"),
        (
            ["--source", "telemetry", "--from", "2026-03-04T10:00Z", "--to", "2026-03-04T10:00Z"],
            "--to comes after",
        ),
    ],
)
def test_a_wrong_call_says_what_is_right(fleet: Fleet, arguments: list[str], said: str) -> None:
    Source.objects.filter(pk=fleet.telemetry.pk).update(kind="prometheus")
    with pytest.raises(CommandError, match=said):
        call_command("ingest", *arguments)


def test_a_span_within_an_hour_reads_that_hour(fleet: Fleet, small_fleet_url: str) -> None:
    Source.objects.filter(pk=fleet.telemetry.pk).update(kind="prometheus")
    Connection.objects.update(settings={"url": small_fleet_url})
    call_command(
        "ingest", "--source", "telemetry", "--from", "2026-03-04T10:20Z", "--to", "2026-03-04T10:40Z"
    )
    assert FeedHour.objects.get().hour == START
    assert timedelta(0) == START - FeedHour.objects.get().hour
