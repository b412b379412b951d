"""A closed month is written to files, and only then may retention drop it."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from attribution.operations.attribute_windows import attribute_range
from attribution.operations.periods.export import export_month
from attribution.operations.periods.reopen import may_reopen
from attribution.operations.periods.steps import CannotStep
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.periods import period
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import LATER, MARCH, close, reopen

pytestmark = pytest.mark.django_db(transaction=True)
END = HOUR + timedelta(hours=2)
MARCH_FIRST, APRIL_FIRST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_closed_month(transactional_db: None) -> Iterator[None]:
    fleet = small_fleet()
    price(fleet, 10**9)
    for hour in (HOUR, HOUR + timedelta(hours=1)):
        devices_hour(fleet, hour, {"n1": {"busy": 0.5}, "n2": {"busy": 0.1}})
        requests_hour(fleet, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 2}])
    attribute_range(HOUR, END)
    close()
    yield
    empty_facts()


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file))


def export(folder: Path) -> Path:
    return Path(export_month(MARCH, folder=folder, by="frida", now=LATER).folder)


def drop(*, really: bool = True) -> str:
    said = StringIO()
    call_command(
        "drop_months", "--before", "2026-04", *(["--yes"] if really else []), stdout=said, stderr=said
    )
    return said.getvalue()


def partitions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_2026_03$'")
        return int(cursor.fetchone()[0])


def test_what_was_written_is_what_the_month_costs(tmp_path: Path) -> None:
    """Counted again from the files alone."""
    folder = export(tmp_path)
    names = {row["id"]: row["name"] for row in rows(folder, "tenant")}
    counted: Counter[Any] = Counter()
    for line in rows(folder, "ledger_line"):
        counted[names.get(line["tenant_id"])] += int(line["amount_nano"])
    told = costs_by(MARCH_FIRST, APRIL_FIRST, [CostDimension.TENANT]).rows
    assert dict(counted) == {row.group[0]: row.amount_nano for row in told}


def test_the_manifest_has_the_hash_of_every_file_and_is_recorded(tmp_path: Path) -> None:
    folder = export(tmp_path)
    text = (folder / "manifest.json").read_bytes()
    manifest = json.loads(text)
    assert {one["name"] for one in manifest["files"]} | {"manifest.json"} == {
        path.name for path in folder.iterdir()
    }
    for one in manifest["files"]:
        assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]
        assert len(rows(folder, one["name"].partition(".")[0])) == one["rows"]
    assert manifest["content_hash"] == (period(MARCH).closings[-1].content_hash or b"").hex()
    with connection.cursor() as cursor:
        cursor.execute("SELECT exported_by, rows, manifest_sha256 FROM period_export")
        by, count, digest = cursor.fetchone()
    assert (by, bytes(digest)) == ("frida", hashlib.sha256(text).digest())
    assert count == sum(one["rows"] for one in manifest["files"])
    assert period(MARCH).exported_at == LATER


def test_the_same_month_gives_the_same_bytes(tmp_path: Path) -> None:
    hashes = [
        [
            one["sha256"]
            for one in json.loads((export(tmp_path / name) / "manifest.json").read_text())["files"]
        ]
        for name in ("one",)
    ]
    second = export_month(MARCH, folder=tmp_path / "two", by="frida", now=LATER + timedelta(hours=1))
    manifest = json.loads((Path(second.folder) / "manifest.json").read_text())
    assert [one["sha256"] for one in manifest["files"]] == hashes[0]


def test_nothing_is_left_of_an_export_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("attribution.operations.periods.export", fromlist=["TABLES"]).TABLES, "pool", "SELECT 1/0"
    )
    with pytest.raises(Exception, match="division by zero"):
        export(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert period(MARCH).exported_at is None


def test_an_open_month_and_a_second_time_are_refused(tmp_path: Path) -> None:
    call_command("export_month", "2026-03", to=tmp_path, stdout=StringIO())
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_month", "2026-03", to=tmp_path, stdout=StringIO())
    with pytest.raises(CommandError, match="is open, not closed"):
        call_command("export_month", "2026-04", to=tmp_path, stdout=StringIO())
    with pytest.raises(CommandError, match="expected a month"):
        call_command("export_month", "march", to=tmp_path, stdout=StringIO())


def test_retention_drops_what_is_closed_and_exported_alone(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 of 1 months stay"):
        drop()
    assert partitions() > 3
    export(tmp_path)
    assert "would be dropped, with --yes" in drop(really=False)
    assert partitions() > 3
    before = costs_by(MARCH_FIRST, APRIL_FIRST, [CostDimension.TENANT])
    assert "partitions dropped" in drop()
    assert partitions() == 0
    assert costs_by(MARCH_FIRST, APRIL_FIRST, [CostDimension.TENANT]).rows == before.rows
    said = StringIO()
    call_command("verify_periods", stdout=said)
    assert "dropped after its export, manifest " in said.getvalue()
    with pytest.raises(CannotStep, match="were dropped on"):
        may_reopen(MARCH)


def test_a_month_that_was_opened_again_is_not_exported_any_more(tmp_path: Path) -> None:
    export(tmp_path)
    reopen()
    assert period(MARCH).exported_at is None
    close()
    with pytest.raises(CommandError, match="stay"):
        drop()
    export(tmp_path)
    assert "dropped" in drop()


SAY_SO = "UPDATE period SET exported_at = '2026-05-20T09:00Z' WHERE month = '2026-03-01'"


def test_nobody_says_that_a_month_was_exported_that_was_not(tmp_path: Path) -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="no export of its last closing"):
        cursor.execute(SAY_SO)
    export(tmp_path)
    reopen()
    close()
    # An export of the closing before counts for nothing.
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="no export of its last closing"):
        cursor.execute(SAY_SO)
    for statement in ("DELETE FROM period_export", "UPDATE period_export SET rows = 0"):
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="is kept"):
            cursor.execute(statement)


def test_sabotage_without_the_guard_a_month_that_was_not_exported_is_dropped() -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE period DISABLE TRIGGER period_goes_by_steps")
            cursor.execute(SAY_SO)
            cursor.execute("SELECT drop_month_partitions('2026-03-01')")
            assert cursor.fetchone()[0] > 3
        transaction.set_rollback(True)
