"""Azure's runs with byte and row counts, and Google Cloud's without a manifest, into the ledger."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from attribution.models import Source
from ingest.models import BillRun
from ingest.operations.import_bill import import_bill
from ingest.operations.pull_bills import pull_bills
from ingest.sources.errors import SourceError
from tests.support.azure_files import azure_run, azure_text
from tests.support.bill_ledger import NOW, current_bills, ledger
from tests.support.feeds import declare_source
from tests.support.fleet import HOUR, devices_hour, small_fleet
from tests.support.gcp_files import write_gcp

pytestmark = pytest.mark.django_db
FIRST, SECOND = "2026-03-10T04:00:00Z", "2026-03-11T04:00:00Z"
DAY = [datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in range(24)]


def place(kind: str, path: Path) -> Source:
    fleet = small_fleet()
    devices_hour(fleet, HOUR, {"n1": {}})
    return declare_source("cloud", kind, fleet.cluster, path=str(path))


def pull() -> list[tuple[str, str]]:
    later = datetime.now(UTC) + timedelta(minutes=2)  # the files have been quiet
    return [(each.state.value, each.detail) for each in pull_bills(source_name="cloud", now=later)]


def test_azure_runs_replace_each_other_whole(tmp_path: Path) -> None:
    place("azure_export", tmp_path)
    azure_run(tmp_path, {"part_0_0001.csv": azure_text({}, {"Cost": "5"})}, run="a", made_at=FIRST)
    assert pull() == [("imported", "")]
    azure_run(tmp_path, {"part_0_0001.csv": azure_text({"Cost": "24"})}, run="b", made_at=SECOND)
    assert pull() == [("imported", "")]
    assert pull() == [("unchanged", "")]

    assert current_bills() == [("2026-03", 2, 1, Decimal(24), Decimal(24))]
    assert sum(ledger(DAY).values()) == Decimal(24)


def test_an_azure_run_waits_for_all_its_bytes_and_is_refused_without_all_its_rows(tmp_path: Path) -> None:
    place("azure_export", tmp_path)
    folder = azure_run(tmp_path, {"part_0_0001.csv": azure_text({}, {})}, run="a", made_at=FIRST)
    whole = (folder / "part_0_0001.csv").read_text()
    (folder / "part_0_0001.csv").write_text(whole[:-10])
    ((state, detail),) = pull()
    assert state == "waiting"
    assert detail.endswith(f"has {len(whole) - 10:,} of {len(whole):,} bytes")
    (folder / "part_0_0001.csv").write_text(whole)
    assert pull() == [("imported", "")]

    azure_run(tmp_path, {"part_0_0001.csv": azure_text({})}, run="b", made_at=SECOND, rows=7)
    ((state, detail),) = pull()
    assert (state, current_bills()[0][1]) == ("refused", 1)
    assert "its manifest says 7 rows, it has 1" in detail


def test_actual_and_amortised_in_one_place_are_not_added(tmp_path: Path) -> None:
    place("azure_export", tmp_path)
    for name in ("actual", "amortised"):
        azure_run(tmp_path, {"part_0.csv": azure_text({})}, run=name, made_at=FIRST, name=name)
    with pytest.raises(SourceError, match=r"several exports lie here \(actual, amortised\)"):
        pull()
    assert current_bills() == []
    assert "several exports" in BillRun.objects.get().detail


def test_rows_of_another_month_refuse_a_run(tmp_path: Path) -> None:
    place("azure_export", tmp_path)
    april = {
        "BillingPeriodStartDate": "2026-04-01",
        "BillingPeriodEndDate": "2026-04-30",
        "Date": "2026-04-02",
    }
    azure_run(tmp_path, {"part_0.csv": azure_text({}, april)}, run="a", made_at=FIRST)
    ((state, detail),) = pull()

    assert state == "refused"
    assert "its manifest says 2026-03, it has rows of the billing period 2026-04" in detail


def test_google_cloud_files_are_one_delivery_and_an_older_one_changes_nothing(tmp_path: Path) -> None:
    place("gcp_export", tmp_path)
    later = {"export_time": "2026-03-12 04:00:00 UTC"}
    write_gcp(tmp_path / "part-0.jsonl", {})
    write_gcp(tmp_path / "part-1.parquet", later | {"cost": 0.1})
    assert pull() == [("imported", "")]
    assert pull() == [("unchanged", "")]
    assert current_bills() == [("2026-03", 1, 2, Decimal("3.1"), Decimal("3.1"))]
    assert sum(ledger([HOUR]).values()) == Decimal("3.1")

    (tmp_path / "part-1.parquet").unlink()  # what is left was exported before
    assert pull() == [("older", "what stands was exported later")]
    write_gcp(tmp_path / "part-0.jsonl", later | {"export_time": "2026-03-13 04:00:00 UTC"})
    assert pull() == [("imported", "")]
    assert current_bills() == [("2026-03", 2, 1, Decimal(3), Decimal(3))]


def test_files_that_may_still_be_written_wait(tmp_path: Path) -> None:
    place("gcp_export", tmp_path)
    write_gcp(tmp_path / "part-0.jsonl", {})
    (pulled,) = pull_bills(source_name="cloud", now=datetime.now(UTC))

    assert (pulled.state, pulled.detail) == (
        "waiting",
        "the last of 1 files was written less than 60 seconds ago",
    )
    assert pull() == [("imported", "")]


def test_files_given_by_hand_need_no_manifest(tmp_path: Path) -> None:
    place("azure_export", tmp_path / "elsewhere")
    (tmp_path / "a.csv").write_text(azure_text({}))
    import_bill(source_name="cloud", paths=[tmp_path / "a.csv"], now=NOW)

    assert current_bills() == [("2026-03", 1, 1, Decimal(2), Decimal(2))]
