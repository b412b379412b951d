"""Bytes on the bill against bytes that were measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from attribution.models import Bill, Cluster, Source
from attribution.operations.derive_bill_pools import derive_bill_pools
from attribution.operations.interning import intern_labels
from attribution.operations.record_transfers import TransferRow, record_transfers
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.billed_bytes import BytesRow, billed_bytes
from tests.oracles.naive_bytes import naive_billed_bytes
from tests.support.fleet import HOUR, Fleet, small_fleet

pytestmark = pytest.mark.django_db
DAY = HOUR.replace(hour=0)
END = DAY + timedelta(days=1)
MONTH, NEXT_MONTH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
GB, GIB = 10**9, 2**30


def line(number: int, usage: str, gigabytes: str, cost: str = "1", unit: str = "GB", **more: Any) -> Charge:
    """A transfer line of a day; `seller` is the provider's name."""
    amount, extra = Decimal(cost), {"x_UsageType": usage, "ProviderName": more.pop("seller", "Example")}
    start, end = more.pop("start", DAY), more.pop("end", END)
    facts = {
        "charge_category": "Usage",
        "consumed_quantity": Decimal(gigabytes),
        "consumed_unit": unit,
    } | more
    return Charge(
        number, "b.csv", number, start, end, "USD", amount, amount, None, None, extra=extra, **facts
    )


def a_bill(fleet: Fleet, *charges: Charge, content: bytes = b"1") -> int:
    """A delivery for March."""
    return replace_bill(
        source_id=fleet.bills.pk, export="", period_start=MONTH, period_end=NEXT_MONTH, content_hash=content,
        charges=charges, files=[], rejected=0, imported_at=NEXT_MONTH,
    ).bill_id  # fmt: skip


def sent(fleet: Fleet, *rows: tuple[str, str, int], hour: datetime = HOUR) -> None:
    """Bytes by (class, namespace/pod) in one hour."""
    labels = intern_labels([("pod", pod) for _, pod, _ in rows])
    record_transfers(
        source_id=fleet.telemetry.pk,
        cluster_id=fleet.cluster.pk,
        start=hour,
        end=hour + timedelta(hours=1),
        rows=[TransferRow(hour, row[0], label, row[2]) for row, label in zip(rows, labels, strict=True)],
    )


def total(name: str) -> BytesRow:
    """The total of a class over the day."""
    (found,) = (row for row in billed_bytes(DAY, END).totals if row.transfer_class == name)
    return found


def test_what_measured_bytes_do_not_explain_is_shown_in_bytes_percent_and_money() -> None:
    fleet = small_fleet()
    a_bill(fleet, line(1, "DataTransfer-Out-Bytes", "10", cost="0.90"))
    sent(fleet, ("internet", "ns/chat-1", 4 * GB), ("internet", "ns/other", 2 * GB))
    (row,) = billed_bytes(DAY, END).rows
    assert (row.cluster, row.day, row.transfer_class) == ("c1", DAY.date(), "internet")
    assert (row.billed, row.once, row.measured) == (10 * GB, 10 * GB, 6 * GB)
    assert (row.difference, row.difference_percent) == (4 * GB, Decimal("40.00"))
    assert row.amounts == {"USD": 900_000_000}
    assert row.unexplained == {"USD": 360_000_000}


def test_a_zones_bytes_are_billed_at_both_ends_and_counted_once() -> None:
    fleet = small_fleet()
    a_bill(fleet, line(1, "USE1-DataTransfer-Regional-Bytes", "20", seller="AWS"))
    sent(fleet, ("inter_zone", "ns/chat-1", 10 * GIB))
    found = total("inter_zone")
    assert (found.billed, found.once, found.measured) == (20 * GIB, 10 * GIB, 10 * GIB)
    assert (found.difference, found.unexplained) == (0, {"USD": 0})


def test_unknown_is_null_and_never_zero() -> None:
    fleet = small_fleet()
    a_bill(fleet, line(1, "DataTransfer-Out-Bytes", "10"))
    sent(fleet, ("inter_region", "ns/chat-1", 5))
    billed, measured = total("internet"), total("inter_region")
    assert (billed.measured, billed.difference, billed.difference_percent) == (None, None, None)
    assert billed.unexplained == {"USD": None}
    assert (measured.billed, measured.once, measured.difference) == (None, None, None)


def test_a_line_whose_unit_cannot_be_read_makes_the_difference_unknown() -> None:
    fleet = small_fleet()
    a_bill(
        fleet, line(1, "DataTransfer-Out-Bytes", "10"), line(2, "DataTransfer-Out-Bytes", "3", unit="Units")
    )
    sent(fleet, ("internet", "ns/chat-1", 10 * GB))
    found = total("internet")
    assert (found.billed, found.measured, found.difference) == (10 * GB, 10 * GB, None)
    assert found.unread


def test_a_new_version_of_the_bill_replaces_its_bytes_and_deriving_again_changes_nothing() -> None:
    fleet = small_fleet()
    a_bill(fleet, line(1, "DataTransfer-Out-Bytes", "10"))
    again = a_bill(fleet, line(1, "DataTransfer-Out-Bytes", "7"), content=b"2")
    assert total("internet").billed == 7 * GB
    derive_bill_pools(bill_id=again)
    assert total("internet").billed == 7 * GB
    assert Bill.objects.count() == 2


def test_the_days_of_a_long_charge_sum_to_it_as_on_paper() -> None:
    fleet = small_fleet()
    charges = [
        (MONTH, NEXT_MONTH, Decimal("744.5")),
        (DAY + timedelta(hours=3), DAY + timedelta(hours=40), Decimal("1.000000001")),
    ]
    lines = [
        line(number, "DataTransfer-Out-Bytes", str(gigabytes), start=start, end=end)
        for number, (start, end, gigabytes) in enumerate(charges)
    ]
    a_bill(fleet, *lines)
    naive = naive_billed_bytes([(*charge, GB) for charge in charges], DAY, END)
    assert float(total("internet").billed or 0) == pytest.approx(float(naive), abs=24)
    (month,) = billed_bytes(MONTH, NEXT_MONTH).totals
    assert month.billed == naive_billed_bytes([(*charge, GB) for charge in charges], MONTH, NEXT_MONTH)


def test_a_total_nets_no_cluster_against_another_and_names_what_nothing_measures() -> None:
    """c1: 10 billed, 6 measured. c2: 1 billed, 4 measured. c3: 5 billed, nothing measures there."""
    fleet = small_fleet()
    found = billed_bytes(DAY, END)
    assert found.totals == ()
    a_bill(fleet, line(1, "DataTransfer-Out-Bytes", "10", cost="1.00"))
    sent(fleet, ("internet", "ns/chat-1", 6 * GB))
    for name, billed, measured in (("c2", "1", 4), ("c3", "5", None)):
        cluster = Cluster.objects.create(name=name, region=fleet.cluster.region, control_model="hybrid")
        other = replace(
            fleet,
            cluster=cluster,
            bills=Source.objects.create(name=f"bills {name}", kind="focus", cluster=cluster),
            telemetry=Source.objects.create(name=f"telemetry {name}", kind="prometheus", cluster=cluster),
        )
        a_bill(other, line(1, "DataTransfer-Out-Bytes", billed, cost="2.00"))
        if measured is not None:
            sent(other, ("internet", "ns/chat-1", measured * GB))
    found_total = total("internet")
    assert (found_total.once, found_total.measured) == (16 * GB, 10 * GB)
    assert (found_total.surplus, found_total.deficit, found_total.unmeasured) == (4 * GB, 3 * GB, 5 * GB)
    assert (found_total.difference, found_total.difference_percent) == (1 * GB, Decimal("9.09"))
    assert found_total.amounts == {"USD": 5 * 10**9}
    # 4 of 10 of c1's 1.00; c2's bytes were all measured; of c3's 2.00 nobody knows.
    assert found_total.unexplained == {"USD": 400_000_000}
