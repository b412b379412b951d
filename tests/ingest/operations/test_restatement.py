"""What a provider changes after the fact, from its export to the ledger: one test a case."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from attribution.models import Bill, Source
from ingest.models import Batch, BillRun, Rejection
from ingest.operations.pull_bills import PulledRun, pull_bills
from tests.support.bill_ledger import NOW, charges, current_bills, ledger, versions
from tests.support.cur_files import APRIL, Export, cur_bytes
from tests.support.feeds import declare_source
from tests.support.fleet import HOUR, devices_hour, small_fleet

pytestmark = pytest.mark.django_db
FIRST, SECOND = "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"


@pytest.fixture
def aws(tmp_path: Path) -> Source:
    fleet = small_fleet()
    devices_hour(fleet, HOUR, {"n1": {}, "n2": {"pod": None}})
    return declare_source("aws", "aws_export", fleet.cluster, path=str(tmp_path))


@pytest.fixture
def export(tmp_path: Path, aws: Source) -> Export:
    return Export(tmp_path)


def pull(now: datetime = NOW) -> list[tuple[str, str]]:
    """State and detail of each run."""
    return [(each.state.value, each.detail) for each in pulled(now)]


def pulled(now: datetime = NOW) -> list[PulledRun]:
    return pull_bills(source_name="aws", now=now, quiet=timedelta(0))


def cost(amount: str, node: str = "n1", **more: str) -> dict[str, Any]:
    return {"line_item_unblended_cost": amount, "line_item_resource_id": node} | more


def test_the_same_content_again_changes_nothing(export: Export) -> None:
    export.deliver(cost("3"), made_at=FIRST)
    assert pull() == [("imported", "")]
    assert pull() == [("unchanged", "")]  # nothing was read
    export.deliver(cost("3"), made_at=SECOND, name="daily-00001.csv")
    (again,) = pulled()

    assert again.state == "unchanged"
    assert again.delivery is not None  # it was read, and says the same
    assert versions() == [1]
    assert ledger([HOUR]) == {"idle": Decimal("1.5"), "unallocated": Decimal("1.5")}


def test_a_file_that_shrinks_takes_the_rows_with_it(export: Export) -> None:
    export.deliver(cost("3"), cost("5", "n2"), cost("1"), made_at=FIRST)
    pull()
    assert ledger([HOUR]) == {"idle": Decimal("4.5"), "unallocated": Decimal("4.5")}
    export.deliver(cost("3"), made_at=SECOND)
    pull()

    assert current_bills() == [("2026-03", 2, 1, Decimal(3), Decimal(3))]
    assert sum(ledger([HOUR]).values()) == Decimal(3)


def test_a_file_that_vanishes_is_not_billed_any_more(export: Export) -> None:
    keys = export.files({"daily-00001.csv": [cost("3")], "daily-00002.csv": [cost("5", "n2")]})
    export.manifest(keys, made_at=FIRST)
    pull()
    export.manifest(keys[:1], made_at=SECOND)  # the second file still lies there

    assert pull() == [("imported", "")]
    assert current_bills() == [("2026-03", 2, 1, Decimal(3), Decimal(3))]


def test_an_invoice_that_arrives_makes_the_month_final(export: Export) -> None:
    export.deliver(cost("3"), cost("5"), made_at=FIRST)
    pull()
    assert BillRun.objects.get().open_lines == 2
    final = {"bill_invoice_id": "INV-7"}
    export.deliver(cost("3", **final), cost("5", **final), made_at=SECOND)
    pull()

    assert BillRun.objects.latest("made_at").open_lines == 0
    assert versions() == [1, 2]
    assert charges("invoice_id") == [("INV-7",), ("INV-7",)]
    assert ledger([HOUR]) == {"idle": Decimal(4), "unallocated": Decimal(4)}


def test_a_correction_inside_its_month_is_part_of_that_bill(export: Export) -> None:
    refund = cost("-1", line_item_line_item_type="Refund")
    export.deliver(cost("3", bill_invoice_id="A"), made_at=FIRST)
    pull()
    export.deliver(cost("3", bill_invoice_id="A"), refund | {"bill_invoice_id": "A-2"}, made_at=SECOND)
    pull()

    assert charges("charge_category", "charge_class", "billed_cost") == [
        ("Usage", None, Decimal(3)),
        ("Adjustment", None, Decimal(-1)),
    ]
    assert sum(ledger([HOUR]).values()) == Decimal(2)


def test_a_correction_in_a_later_bill_names_the_time_it_corrects(export: Export, tmp_path: Path) -> None:
    export.deliver(cost("3"), made_at=FIRST)
    refund = cost("-1", line_item_line_item_type="Refund") | APRIL
    Export(tmp_path, period="2026-04").deliver(refund, made_at="2026-04-05T00:00:00Z")

    assert pull() == [("imported", ""), ("imported", "")]
    assert [bill[:2] for bill in current_bills()] == [("2026-03", 1), ("2026-04", 1)]
    assert charges("charge_class", "charge_period_start", "effective_cost") == [
        (None, HOUR, Decimal(3)),
        ("Correction", HOUR, Decimal(-1)),
    ]
    assert sum(ledger([HOUR]).values()) == Decimal(2)


def test_a_manifest_before_its_files_waits_and_replaces_nothing(export: Export) -> None:
    export.deliver(cost("3"), made_at=FIRST)
    pull()
    second = export.files({"daily-00001.csv": [cost("4")]}, "b")
    missing = "finance/daily/data/BILLING_PERIOD=2026-03/b/daily-00002.csv"
    export.manifest([*second, missing], "b", SECOND)

    assert pull() == [("waiting", f"1 of 2 files are not there yet: {missing}")]
    assert current_bills() == [("2026-03", 1, 1, Decimal(3), Decimal(3))]
    assert BillRun.objects.get(state="waiting").imported_at is None
    export.files({"daily-00002.csv": [cost("5", "n2")]}, "b")
    assert pull() == [("imported", "")]
    assert current_bills() == [("2026-03", 2, 2, Decimal(9), Decimal(9))]
    assert not BillRun.objects.filter(state="waiting").exists()


def test_files_without_their_manifest_wait(export: Export) -> None:
    export.files({"daily-00001.csv": [cost("3")]})

    assert pull() == [("waiting", "1 files are there, their manifest is not")]
    assert not Bill.objects.exists()
    export.deliver(cost("3"), made_at=FIRST)
    pull()
    assert [run.state for run in BillRun.objects.all()] == ["imported"]


def test_files_overwritten_before_their_manifest_wait_for_it(export: Export) -> None:
    export.deliver(cost("3"), made_at=FIRST)
    pull()
    keys = export.files({"daily-00001.csv.gz": [cost("30")]})
    for _ in range(2):  # and keep waiting
        assert pull() == [("waiting", "files have changed since their manifest was written")]
    assert current_bills()[0][4] == Decimal(3)
    export.manifest(keys, made_at=SECOND)
    assert pull() == [("imported", "")]
    assert current_bills()[0][4] == Decimal(30)
    assert not BillRun.objects.filter(state="waiting").exists()


def test_a_delivery_that_comes_twice_is_billed_once(export: Export, tmp_path: Path) -> None:
    export.deliver(cost("3"), made_at=FIRST)
    pull()
    for path in tmp_path.rglob("*"):  # everything is written again
        if path.is_file():
            path.write_bytes(path.read_bytes())

    assert pull() == [("unchanged", "")]
    assert versions() == [1]
    assert ledger([HOUR]) == {"idle": Decimal("1.5"), "unallocated": Decimal("1.5")}


def test_a_copy_of_a_file_beside_it_is_refused(export: Export) -> None:
    keys = export.files(
        {"daily-00001.csv": [cost("3"), cost("4")], "daily-00002.csv": [cost("3"), cost("4")]}
    )
    export.manifest(keys, made_at=FIRST)

    ((state, detail),) = pull()
    assert state == "refused"
    assert "it has the same 2 rows as" in detail
    assert not Bill.objects.exists()


def test_an_older_run_that_arrives_late_does_not_replace_a_newer_one(export: Export) -> None:
    export.deliver(cost("5"), made_at=SECOND, run="b")
    pull()
    manifest = export.deliver(cost("3"), made_at=FIRST, run="a")
    assert pull() == [("unchanged", "")]  # the newest of the two is looked at
    manifest.parent.parent.joinpath("b", manifest.name).unlink()

    assert pull() == [("older", "made 2026-03-10 00:00, one of 2026-03-11 00:00 stands")]
    assert current_bills() == [("2026-03", 1, 1, Decimal(5), Decimal(5))]


def test_without_that_guard_the_database_refuses_an_older_run(export: Export) -> None:
    export.deliver(cost("5"), made_at=SECOND)
    pull()
    older = datetime(2026, 3, 10, tzinfo=UTC)

    def put_older() -> None:
        Bill.objects.update(current=False)
        bill = Bill.objects.get(version=1)
        bill.pk, bill.version, bill.current, bill.exported_at = None, 2, True, older
        bill.save(force_insert=True)

    with pytest.raises(IntegrityError, match="bill is older"), transaction.atomic():
        put_older()
    with connection.cursor() as cursor:  # and without the guard it would not
        cursor.execute(
            """CREATE OR REPLACE FUNCTION bill_is_not_older() RETURNS trigger LANGUAGE plpgsql
               AS 'BEGIN RETURN NEW; END'"""
        )
    put_older()
    assert Bill.objects.get(current=True).exported_at == older


def test_doubles_in_parquet_are_the_decimals_they_show(export: Export) -> None:
    amounts = ["0.1", "0.2", "0.0000123", "2.675", "1e-7"]
    export.deliver(*(cost(amount) for amount in amounts), made_at=FIRST, name="daily-00001.snappy.parquet")
    pull()

    # As floats they sum to 2.9750124000000003.
    assert current_bills()[0][4] == Decimal("2.9750124")
    assert [row[0] for row in charges("effective_cost")] == [Decimal(amount) for amount in amounts]


def test_repeated_line_ids_are_lines_of_their_own(export: Export) -> None:
    export.deliver(cost("3"), cost("3"), cost("3"), made_at=FIRST)
    pull()

    assert current_bills() == [("2026-03", 1, 3, Decimal(9), Decimal(9))]
    new_ids = [cost("3", identity_line_item_id=str(n)) for n in range(3)]
    export.deliver(*new_ids, made_at=SECOND)
    assert pull() == [("unchanged", "")]  # line ids are new in every run


def test_bad_rows_are_kept_and_counted_and_a_missing_column_refuses_the_file(export: Export) -> None:
    export.deliver(cost("3"), cost("1,5"), cost("", line_item_line_item_type="Tax"), made_at=FIRST)
    pull()

    assert current_bills() == [("2026-03", 1, 1, Decimal(3), Decimal(3))]
    found = [(row.line, row.column, row.found) for row in Rejection.objects.order_by("line")]
    assert found == [(3, "line_item_unblended_cost", "'1,5'"), (4, "line_item_unblended_cost", "nothing")]
    (export.data / "daily-00001.csv").write_bytes(
        cur_bytes("a.csv", cost("9"), drop=("line_item_unblended_cost", "line_item_usage_end_date"))
    )
    export.manifest(["s3://bucket/finance/daily/data/BILLING_PERIOD=2026-03/daily-00001.csv"], "", SECOND)
    ((state, detail),) = pull()

    assert state == "refused"
    assert "are missing: line_item_usage_end_date, line_item_unblended_cost" in detail
    assert current_bills() == [("2026-03", 1, 1, Decimal(3), Decimal(3))]
    assert Batch.objects.get(status="refused").error
    assert pull() == [(state, detail)]  # and is not read again before it changes


def test_what_was_rejected_of_a_run_goes_with_it(export: Export) -> None:
    export.deliver(cost("3"), cost("x"), made_at=FIRST, run="a")
    pull()
    export.deliver(cost("3"), cost("4"), made_at=SECOND, run="b")
    pull()

    assert not Rejection.objects.exists()
    assert current_bills()[0][4] == Decimal(7)
