"""Request logs through the real database."""

import gzip
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from attribution.models import Source, Window
from ingest.models import Batch, BatchStatus, Rejection
from ingest.operations.import_requests import ImportedLog, import_requests
from ingest.sources.rejected import RefusedFile
from tests.support.feeds import declare_source

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, tzinfo=UTC)
COLUMNS = {
    "time": "ts",
    "request_id": "id",
    "tenant": "tenant",
    "service": "service",
    "model": "model",
    "status": "status",
    "duration_s": "seconds",
    "output_tokens": "out",
}
GOOD = {
    "ts": "2026-03-04T10:15:00Z",
    "id": None,
    "tenant": "a",
    "service": "chat",
    "model": "llama",
    "status": "200",
    "seconds": 1.5,
    "out": 10,
}


@pytest.fixture
def source() -> Source:
    return declare_source("log", "request_log", columns=COLUMNS)


def write(path: Path, *rows: dict[str, Any]) -> Path:
    """JSON lines with these differences from GOOD."""
    data = "".join(json.dumps(GOOD | row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def load(*paths: Path) -> list[ImportedLog]:
    return import_requests(source_name="log", paths=paths, now=NOW)


def usage(*columns: str) -> list[tuple[Any, ...]]:
    """Usage that stands, with names for label ids."""
    by = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {by} FROM usage_hour u LEFT JOIN label t ON t.id = tenant_label_id
                  LEFT JOIN label s ON s.id = service_label_id LEFT JOIN served_model m ON m.id = model_id
                 ORDER BY hour, {by}"""
        )
        return cursor.fetchall()


def test_requests_are_summed_by_hour_names_and_outcome(source: Source, tmp_path: Path) -> None:
    (log,) = load(
        write(
            tmp_path / "a.jsonl",
            {},
            {"ts": "2026-03-04T11:59:59.999+01:00"},
            {"ts": "2026-03-04T11:00:00Z", "status": "succeeded"},
            {"status": "500"},
            {"status": "cancelled"},
            {"tenant": None},
            {"tenant": "", "model": None},
        )
    )

    assert (log.received, log.counts.accepted, log.status) == (7, 7, BatchStatus.LOADED)
    rows = usage("extract(hour FROM hour)::int", "t.value", "m.name", "outcome", "requests", "duration_us")
    assert rows == [
        (10, "a", "llama", "failed", 1, 1_500_000),
        (10, "a", "llama", "success", 2, 3_000_000),
        (10, "a", "llama", "unfinished", 1, 1_500_000),
        (10, None, "llama", "success", 1, 1_500_000),
        (10, None, None, "success", 1, 1_500_000),
        (11, "a", "llama", "success", 1, 1_500_000),
    ]
    assert set(usage("s.kind", "s.value", "level")) == {("service", "chat", "gateway")}
    assert {row[0] for row in usage("t.kind")} == {"tenant", None}
    assert Window.objects.filter(cluster_id=0, dirty_at__isnull=False).count() == 2


def test_a_measure_that_one_request_of_a_group_lacks_is_unknown(source: Source, tmp_path: Path) -> None:
    load(write(tmp_path / "a.jsonl", {}, {"out": None}, {"tenant": "b"}))

    assert usage("t.value", "output_tokens", "input_tokens") == [("a", None, None), ("b", 10, None)]


def test_the_same_content_again_changes_nothing_under_whatever_name_or_packing(
    source: Source, tmp_path: Path
) -> None:
    load(write(tmp_path / "a.jsonl", {}, {"tenant": "b"}))
    before = usage("u.*")
    again = load(tmp_path / "a.jsonl", write(tmp_path / "b.jsonl.gz", {}, {"tenant": "b"}))

    assert [log.status for log in again] == [BatchStatus.UNCHANGED] * 2
    assert usage("u.*") == before
    assert Batch.objects.count() == 1


def test_other_content_of_the_same_name_replaces_what_the_file_said(source: Source, tmp_path: Path) -> None:
    load(write(tmp_path / "a.jsonl", {"id": "1"}, {"id": "2", "tenant": "b"}))
    (log,) = load(write(tmp_path / "a.jsonl", {"id": "1"}, {"id": "3", "status": "?"}))

    assert log.replaced
    assert usage("t.value", "requests") == [("a", 1)]
    assert Rejection.objects.count() == 1


def test_a_request_is_counted_once_over_all_files_of_a_source(source: Source, tmp_path: Path) -> None:
    declare_source("other", "request_log", columns=COLUMNS)
    first = write(tmp_path / "a.jsonl", {"id": "1"}, {"id": "1"}, {"id": 2}, {}, {})
    second = write(tmp_path / "b.jsonl", {"id": "2"}, {"id": "3"}, {"status": None})
    logs = load(first, second)
    import_requests(source_name="other", paths=[first], now=NOW)

    counts = [(log.counts.accepted, log.counts.duplicate, log.counts.rejected) for log in logs]
    assert counts == [(4, 1, 0), (1, 1, 1)]
    assert [row[0] for row in usage("requests", "batch_id")] == [1, 4, 4]


def test_rotated_logs_are_neither_lost_nor_doubled(source: Source, tmp_path: Path) -> None:
    load(write(tmp_path / "log.jsonl", {}))
    (tmp_path / "log.jsonl").rename(tmp_path / "log.0.jsonl")
    write(tmp_path / "log.jsonl", {"tenant": "b"})
    load(tmp_path)

    assert usage("t.value", "requests") == [("a", 1), ("b", 1)]


def test_every_rejected_record_keeps_its_reason(source: Source, tmp_path: Path) -> None:
    bad: list[dict[str, Any]] = [
        {"ts": "2026-03-04T10:15:00"},
        {"ts": None},
        {"ts": "yesterday"},
        {"ts": "2031-01-01T00:00:00Z"},
        {"ts": "1970-01-01T00:00:00Z"},
        {"status": "wibble"},
        {"status": None},
        {"tenant": {"a": 1}},
        {"tenant": "x" * 501},
        {"tenant": "a\0b"},
        {"seconds": -1},
        {"seconds": "1,5"},
        {"seconds": True},
        {"seconds": 1e308},
        {"out": 1.5},
        {"out": 10**30},
        {"id": [1]},
    ]
    path = write(tmp_path / "a.jsonl", {}, *bad)
    with path.open("ab") as file:
        file.write(b'not json\n[1]\n{"ts": NaN}\n{"ts": "\\ud800"}\n\n' + b"[" * 10_000 + b"\n")
        file.write(b'{"ts": "2026-03-04T10:')  # cut off
    (log,) = load(path)

    assert (log.received, log.counts.accepted, log.counts.rejected) == (24, 1, 23)
    rejections = list(Rejection.objects.order_by("line"))
    assert [rejection.line for rejection in rejections] == [*range(2, 23), 24, 25]
    assert all(rejection.reason and rejection.text for rejection in rejections)
    columns = [rejection.column for rejection in rejections[: len(bad)]]
    assert columns == [next(iter(row)) for row in bad]
    assert rejections[5].reason == "status: expected a status that a pattern knows, found 'wibble'"


def test_csv_and_parquet_say_the_same_as_json_lines(source: Source, tmp_path: Path) -> None:
    ours = "t.value, s.value, m.name, outcome, requests, duration_us, output_tokens"
    rows = [GOOD | {"tenant": "a,b"}, GOOD | {"out": None, "status": "500", "id": "7"}]
    load(write(tmp_path / "a.jsonl", *rows))
    said = usage(ours)
    declare_source("csv", "request_log", columns=COLUMNS)
    header = ",".join(GOOD)
    lines = [",".join(f'"{"" if value is None else value}"' for value in row.values()) for row in rows]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress("\r\n".join([header, *lines, "1,2"]).encode("utf-16")))
    (log,) = import_requests(source_name="csv", paths=[tmp_path / "a.csv.gz"], now=NOW)
    assert (log.counts.accepted, log.counts.rejected) == (2, 1)
    assert usage(ours) == sorted(said * 2)

    declare_source("parquet", "request_log", columns=COLUMNS)
    table = pa.table(
        {name: [row[name] for row in rows] for name in GOOD} | {"status": [200, 500]}
    ).set_column(0, "ts", pa.array([datetime.fromisoformat(GOOD["ts"])] * 2, pa.timestamp("ns", "UTC")))
    pq.write_table(table, tmp_path / "a.parquet")
    import_requests(source_name="parquet", paths=[tmp_path / "a.parquet"], now=NOW)
    assert usage(ours) == sorted(said * 3)


def test_times_without_a_zone_need_a_declaration(tmp_path: Path) -> None:
    declare_source("log", "request_log", columns=COLUMNS, naive_times="utc")
    load(
        write(tmp_path / "a.jsonl", {"ts": "2026-03-04 10:15:00"}, {"ts": 1772619300}, {"ts": 1772619300000})
    )

    assert usage("requests", "hour") == [(3, datetime(2026, 3, 4, 10, tzinfo=UTC))]


def test_declared_outcomes_come_before_the_usual_ones(tmp_path: Path) -> None:
    outcomes = {"success": ["fine*"], "failed": ["ok"], "unfinished": [""]}
    declare_source("log", "request_log", columns=COLUMNS, outcomes=outcomes, tenant_kind="team")
    load(write(tmp_path / "a.jsonl", {"status": "Fine!"}, {"status": "ok"}, {"status": None}, {}))

    assert usage("outcome", "requests", "t.kind") == [
        ("failed", 1, "team"),
        ("success", 2, "team"),
        ("unfinished", 1, "team"),
    ]


def test_a_file_without_the_columns_or_usable_records_is_refused(source: Source, tmp_path: Path) -> None:
    load(write(tmp_path / "a.jsonl", {}))
    write(tmp_path / "a.jsonl", {"ts": "no"}, {"ts": "no"})
    with pytest.raises(RefusedFile, match="none of its 2 records can be used; line 1: ts: expected an ISO"):
        load(tmp_path / "a.jsonl")
    (tmp_path / "b.csv").write_text("ts;status\n1;2\n")
    with pytest.raises(RefusedFile, match=r"columns are missing: .*it has ts;status"):
        load(tmp_path / "b.csv")

    assert usage("requests") == [(1,)]
    assert Batch.objects.get(file_name="a.jsonl").status == BatchStatus.REFUSED
    assert Batch.objects.get(file_name="b.csv").error.startswith("columns are missing")


def test_a_cut_or_damaged_file_is_refused_and_nothing_of_it_stays(source: Source, tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(json.dumps(GOOD | {"id": n}).encode() + b"\n" for n in range(60_000)))
    (tmp_path / "a.jsonl.gz").write_bytes(whole[:-2_000])
    with pytest.raises(RefusedFile, match="cut off or damaged"):
        load(tmp_path / "a.jsonl.gz")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(RefusedFile, match="cut off or damaged"):
        load(tmp_path / "b.parquet")

    assert usage("requests") == []


def test_the_command_prints_counts_and_fails_when_refused(source: Source, tmp_path: Path) -> None:
    out = StringIO()
    call_command("import_requests", str(write(tmp_path / "a.jsonl", {}, {"ts": 0})), source="log", stdout=out)
    assert "a.jsonl" in out.getvalue()
    assert "rejected a.jsonl line 2: ts: expected an ISO 8601 time" in out.getvalue()

    with pytest.raises(CommandError, match="no such file"):
        call_command("import_requests", str(tmp_path / "none"), source="log")


def test_a_wrong_mapping_names_the_setting(tmp_path: Path) -> None:
    declare_source("log", "request_log", columns={"time": "ts", "statuz": "x"})
    with pytest.raises(CommandError, match=r"columns: expected some of time, .* found statuz"):
        call_command("import_requests", str(tmp_path), source="log")


def test_the_nan_that_python_writes_is_nothing(source: Source, tmp_path: Path) -> None:
    nan = float("nan")
    (log,) = load(write(tmp_path / "a.jsonl", {}, {"model": nan, "seconds": nan}))

    assert (log.counts.accepted, log.counts.rejected) == (2, 0)
    assert usage("m.name", "duration_us") == [("llama", 1_500_000), (None, None)]
