"""Deliveries of bills through the real database."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from attribution.models import Bill, BillTotal, Source
from ingest.models import Batch, BatchStatus, Rejection
from ingest.operations.import_bill import ImportedDelivery, import_bill
from ingest.queries.named_source import WrongSource, named_source
from ingest.sources.rejected import RefusedFile
from tests.support.feeds import declare_source
from tests.support.focus_files import naive_totals, write_bill

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 2, tzinfo=UTC)
SHARED = Path(os.environ.get("APPORTION_SHARED") or Path(__file__).resolve().parents[4] / "shared")
REAL = sorted((SHARED / "data" / "focus").glob("focus*.csv"))
needs_shared = pytest.mark.skipif(not REAL, reason=f"no bills in {SHARED}/data/focus")


@pytest.fixture
def source() -> Source:
    return declare_source("bill", "focus", export="daily")


def deliver(*paths: Path) -> ImportedDelivery:
    return import_bill(source_name="bill", paths=paths, now=NOW)


def stored() -> list[tuple[int, int, Decimal]]:
    """Versions with the number and sum of the charges that stand in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.version, count(*)::int, sum(effective_cost)
                 FROM charge c JOIN bill b ON b.id = c.bill_id
                WHERE b.current GROUP BY b.id ORDER BY b.period_start"""
        )
        return cursor.fetchall()


@needs_shared
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_totals_equal_the_files_to_the_last_digit(source: Source, path: Path) -> None:
    delivery = deliver(path)

    assert delivery.rejections == ()
    expected = naive_totals(path)
    told = {
        (f"{bill.period_start:%Y-%m-%d}", total.currency): (total.billed, total.effective)
        for bill in delivery.bills
        for total in bill.totals
    }
    assert told == expected
    kept = {
        (f"{total.bill.period_start:%Y-%m-%d}", total.currency): (total.billed, total.effective)
        for total in BillTotal.objects.select_related("bill")
    }
    assert kept == expected
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(billed_cost), sum(effective_cost) FROM charge")
        assert cursor.fetchone() == tuple(map(sum, zip(*expected.values(), strict=True)))


def test_rows_of_two_periods_become_two_bills(source: Source, tmp_path: Path) -> None:
    april = {"BillingPeriodStart": "2026-04-01T00:00:00Z", "BillingPeriodEnd": "2026-05-01T00:00:00Z"}
    delivery = deliver(write_bill(tmp_path / "a.csv", {}, april, {}))

    assert [(bill.period_start.month, bill.accepted) for bill in delivery.bills] == [(4, 1), (5, 2)]
    assert Bill.objects.filter(current=True, export="daily").count() == 2


def test_files_of_a_folder_make_one_bill(source: Source, tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    write_bill(tmp_path / "part" / "1.csv.gz", {})
    write_bill(tmp_path / "part" / "2.csv", {"EffectiveCost": "2"})
    (tmp_path / "part" / "manifest.json").write_text("{}")
    deliver(tmp_path)

    assert stored() == [(1, 2, Decimal("3.25"))]
    assert list(Batch.objects.order_by("file_name").values_list("file_name", "accepted")) == [
        ("part/1.csv.gz", 1),
        ("part/2.csv", 1),
    ]


def test_the_same_content_again_changes_nothing(source: Source, tmp_path: Path) -> None:
    path = write_bill(tmp_path / "a.csv", {}, {"EffectiveCost": "oops"})
    deliver(path)
    again = deliver(path)

    assert [(bill.version, bill.changed) for bill in again.bills] == [(1, False)]
    assert Bill.objects.count() == 1
    assert Batch.objects.get().status == BatchStatus.UNCHANGED
    assert Rejection.objects.count() == 1


def test_neither_zipping_nor_another_order_or_column_order_is_a_change(
    source: Source, tmp_path: Path
) -> None:
    text = write_bill(tmp_path / "a.csv", {}, {"EffectiveCost": "2"}).read_text()
    deliver(tmp_path / "a.csv")
    zipped = tmp_path / "b.csv.gz"
    header, *rows = text.splitlines()
    zipped.write_bytes(gzip.compress("\r\n".join([header, *reversed(rows)]).encode()))

    assert [bill.changed for bill in deliver(zipped).bills] == [False]

    turned = tmp_path / "c.csv"
    turned.write_text("\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()))
    assert [bill.changed for bill in deliver(turned).bills] == [False]


def test_a_changed_bill_becomes_a_new_version_and_the_old_one_stays_readable(
    source: Source, tmp_path: Path
) -> None:
    path = write_bill(tmp_path / "a.csv", {}, {"EffectiveCost": "2"}, {"EffectiveCost": "-0.5"})
    deliver(path)
    write_bill(path, {"EffectiveCost": "3"})  # shrinks; rows vanish
    delivery = deliver(path)

    assert [(bill.version, bill.changed) for bill in delivery.bills] == [(2, True)]
    assert stored() == [(2, 1, Decimal(3))]
    assert BillTotal.objects.get(bill__version=1).effective == Decimal("2.75")


def test_a_version_can_come_back(source: Source, tmp_path: Path) -> None:
    path = write_bill(tmp_path / "a.csv", {})
    deliver(path)
    deliver(write_bill(path, {"EffectiveCost": "3"}))
    delivery = deliver(write_bill(path, {}))

    assert [(bill.version, bill.changed) for bill in delivery.bills] == [(3, True)]


def test_bad_rows_are_kept_with_place_reason_and_amount_and_the_rest_is_loaded(
    source: Source, tmp_path: Path
) -> None:
    deliver(
        write_bill(
            tmp_path / "a.csv",
            {},
            {"EffectiveCost": "1,5"},
            {"ChargePeriodEnd": "2026-05-01T01:00:00Z", "EffectiveCost": "7.5"},
        )
    )

    assert stored() == [(1, 1, Decimal("1.25"))]
    assert Bill.objects.get().rejected == 2
    batch = Batch.objects.get()
    assert (batch.received, batch.accepted, batch.duplicate, batch.rejected) == (3, 1, 0, 2)
    first, second = Rejection.objects.order_by("line")
    assert (first.file, first.line, first.column) == ("a.csv", 3, "EffectiveCost")
    assert first.reason == "EffectiveCost: expected a decimal number with a point, found '1,5'"
    assert (first.amount, second.amount, second.currency) == (None, Decimal("7.5"), "USD")


def test_a_refused_file_refuses_the_delivery_and_leaves_the_bill(source: Source, tmp_path: Path) -> None:
    deliver(write_bill(tmp_path / "a.csv", {}))
    good = write_bill(tmp_path / "a.csv", {"EffectiveCost": "9"})
    bad = write_bill(tmp_path / "b.csv", {}, drop=("EffectiveCost", "ProviderName"))
    with pytest.raises(RefusedFile, match=r"EffectiveCost \(mandatory in FOCUS 1.0 to 1.4\); ProviderName"):
        deliver(good, bad)

    assert stored() == [(1, 1, Decimal("1.25"))]
    refused = Batch.objects.get(file_name="b.csv")
    assert refused.status == BatchStatus.REFUSED
    assert "EffectiveCost" in refused.error
    assert refused.content_hash is None


def test_a_period_without_a_usable_row_keeps_its_bill(source: Source, tmp_path: Path) -> None:
    april = {"BillingPeriodStart": "2026-04-01T00:00:00Z", "BillingPeriodEnd": "2026-05-01T00:00:00Z"}
    deliver(write_bill(tmp_path / "a.csv", {}, april))
    delivery = deliver(write_bill(tmp_path / "a.csv", {}, april | {"EffectiveCost": "?"}))

    assert [(bill.version, bill.rejected) for bill in delivery.bills] == [(None, 1), (1, 0)]
    assert len(stored()) == 2


def test_a_failure_leaves_nothing_half_loaded(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("ingest.operations.import_bill._keep_file", fail)
    with pytest.raises(OSError, match="disk full"):
        deliver(write_bill(tmp_path / "a.csv", {}))

    assert not Bill.objects.exists()
    assert stored() == []


def test_hostile_texts_arrive_unharmed(source: Source, tmp_path: Path) -> None:
    texts = ["<script>", "'; DROP TABLE charge; --", '"\\', "line\nbreak", "=1+1", "\\N", "🦙", " "]
    tags = ['{"a": NaN}', '["no object"]', '{"a": "\\ud800"}', "[" * 5_000, '{"Owner": "ü", "n": 1.10}']
    deliver(
        write_bill(
            tmp_path / "a.csv",
            *({"ResourceId": text, "x_Note": text} for text in texts),
            *({"Tags": text} for text in tags),
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, extra->>'x_Note', tags, extra->>'Tags' FROM charge ORDER BY row_number"
        )
        rows = cursor.fetchall()

    assert [row[:2] for row in rows[: len(texts)]] == [(text, text) for text in texts]
    assert [row[3] for row in rows[len(texts) :]] == [None, *tags[1:4], None]
    assert '"n": "1.10"' in rows[-1][2]


def test_the_command_prints_what_happened(source: Source, tmp_path: Path) -> None:
    out = StringIO()
    path = write_bill(tmp_path / "a.csv", {}, {"BilledCost": "x"})
    call_command("import_bill", str(path), source="bill", stdout=out)

    assert "2026-05-01 to 2026-06-01" in out.getvalue()
    assert "version 1, new" in out.getvalue()
    assert "rejected a.csv line 3: BilledCost: expected a decimal number" in out.getvalue()


def test_the_command_fails_when_refused_or_asked_for_a_wrong_source(source: Source, tmp_path: Path) -> None:
    empty = tmp_path / "e.csv"
    empty.write_bytes(b"")
    with pytest.raises(
        CommandError, match=r"refused, nothing of this delivery is used\. e\.csv: the file is empty"
    ):
        call_command("import_bill", str(empty), source="bill")
    with pytest.raises(CommandError, match=r"'bil' is not declared; sources of kind focus or .*: bill"):
        call_command("import_bill", str(empty), source="bil")
    with pytest.raises(WrongSource, match="no source of kind request_log"):
        named_source("x", "request_log")


def test_amounts_beyond_the_ledger_are_refused_with_a_reason(source: Source, tmp_path: Path) -> None:
    deliver(write_bill(tmp_path / "a.csv", {"EffectiveCost": "9223372036"}))
    huge = {"EffectiveCost": "5000000000"}, {"EffectiveCost": "-5000000000"}
    with pytest.raises(RefusedFile, match="the amounts of 2026-05 come to 10000000000"):
        deliver(write_bill(tmp_path / "a.csv", *huge))

    assert stored() == [(1, 1, Decimal(9_223_372_036))]


@pytest.mark.django_db(transaction=True)
def test_the_same_bill_twice_at_once_is_loaded_once(source: Source, tmp_path: Path) -> None:
    path = write_bill(tmp_path / "a.csv", *({"EffectiveCost": str(n)} for n in range(50)))

    def load(_: int) -> list[bool]:
        try:
            return [bill.changed for bill in deliver(path).bills]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        changed = sorted(pool.map(load, range(4)))
    assert changed == [[False], [False], [False], [True]]
    assert Bill.objects.count() == 1
