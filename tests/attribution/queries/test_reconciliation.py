"""Bills against the ledger, through the product's own import and attribution."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from attribution.models import Node
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.freshness import complete_through
from attribution.queries.reconciliation import reconciliation
from tests.support.books import small_books
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.ledger import CostPool, Devices, Line, Used, publish_window

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
MONTH, NEXT_MONTH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
SPAN = ("--from", "2026-03-04T10:00:00Z", "--to", "2026-03-04T11:00:00Z")


def charge(number: int, cost: str, start: datetime, end: datetime, **more: Any) -> Charge:
    """A usage charge in dollars."""
    amount = Decimal(cost)
    facts = {"charge_category": "Usage", "service_category": "Compute"} | more
    return Charge(number, "bill.csv", number + 1, start, end, "USD", amount, amount, None, None, **facts)


def a_bill(fleet: Any, *charges: Charge) -> None:
    """One delivery for March."""
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=MONTH, period_end=NEXT_MONTH, content_hash=b"1",
        charges=charges, files=[], rejected=2, imported_at=NEXT_MONTH,
    )  # fmt: skip


@pytest.fixture
def fleet() -> Any:
    """An hour of node n1, billed; a node that nobody saw; a fee for the month."""
    made = small_fleet()
    devices_hour(made, HOUR, {"n1": {"busy": 0.5}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 1, "duration_us": 5}])
    Node.objects.filter(name="n1").update(provider_resource_id="n1")
    a_bill(
        made,
        charge(1, "3.0000000005", HOUR, END, resource_id="n1", resource_name="n1", resource_type="GPU VM"),
        charge(2, "2", HOUR, END, resource_id="ghost", resource_name="ghost", resource_type="GPU VM"),
        charge(3, "744", MONTH, NEXT_MONTH, service_category="Management and Governance",
               service_name="Support", charge_description="Support"),
    )  # fmt: skip
    return made


def test_a_bill_is_wholly_in_the_ledger_or_outside_of_the_range(fleet: Any) -> None:
    attribute_range(HOUR, END)
    found = reconciliation(HOUR, END)
    (bill,) = found.bills
    assert (bill.effective, bill.effective_nano) == (Decimal("749.0000000005"), 749_000_000_000)
    assert bill.rounding == Decimal("0.0000000005")
    assert bill.difference_nano == 0
    assert bill.in_ledger_nano + bill.outside_nano == bill.effective_nano
    assert bill.outside_nano == pytest.approx(743 * 10**9, abs=1)
    assert found.balanced
    assert (bill.source, bill.version, bill.accepted, bill.rejected) == ("bills", 1, 3, 2)
    with_use = {part.use: part.amount_nano for part in bill.in_ledger}
    assert with_use["serving"] == pytest.approx(3 * 10**9, abs=1)


def test_before_attribution_the_difference_is_there_and_the_windows_are_named(fleet: Any) -> None:
    found = reconciliation(HOUR, END)
    (bill,) = found.bills
    assert bill.in_ledger == ()
    assert bill.difference_nano == bill.effective_nano - bill.outside_nano > 0
    assert not found.balanced
    assert [(window.cluster, window.hour) for window in found.open_windows] == [("", HOUR), ("c1", HOUR)]


def test_the_command_fails_until_all_is_attributed(fleet: Any) -> None:
    with pytest.raises(CommandError, match="1 of 1 bills differ from the ledger; 2 windows are not attrib"):
        call_command("reconcile", *SPAN, stdout=StringIO())
    attribute_range(HOUR, END)
    out = StringIO()
    call_command("reconcile", *SPAN, stdout=out)
    said = out.getvalue()
    assert "749.0000000005" in said
    assert [line.split()[-2] for line in said.splitlines() if "difference" in line] == ["0.000000000"]


def test_a_superseded_version_is_not_reconciled(fleet: Any) -> None:
    attribute_range(HOUR, END)
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=MONTH, period_end=NEXT_MONTH, content_hash=b"2",
        charges=[charge(1, "4", HOUR, END, resource_id="n1", resource_name="n1")], files=[], rejected=0,
        imported_at=NEXT_MONTH,
    )  # fmt: skip
    assert not reconciliation(HOUR, END).balanced
    attribute_range(HOUR, END)
    (bill,) = reconciliation(HOUR, END).bills
    assert (bill.version, bill.in_ledger_nano, bill.difference_nano) == (2, 4 * 10**9, 0)


def test_bills_that_do_not_touch_the_range_are_left_out(fleet: Any) -> None:
    assert reconciliation(NEXT_MONTH, NEXT_MONTH + timedelta(days=1)).bills == ()


def test_complete_is_what_was_attributed_and_has_facts(fleet: Any) -> None:
    price(fleet, 10**9)
    assert complete_through() is None
    attribute_range(MONTH, NEXT_MONTH)
    # The fee has windows to the end of the month; telemetry and requests have one hour.
    assert complete_through() == complete_through(MONTH, NEXT_MONTH) == END
    assert complete_through(END, NEXT_MONTH) is None


def test_nothing_is_complete_beyond_a_window_that_waits_or_a_feed_that_is_late() -> None:
    books = small_books()
    hours = [HOUR + place * timedelta(hours=1) for place in range(4)]
    for hour in hours:
        publish_window(books.clusters["east"].pk, hour, [CostPool([Line("idle", 1)])], [Used(1, 1)],
                       [Devices(books.pools["east"].pk, 0, {"idle": 60}, 60)])  # fmt: skip
    assert complete_through() == hours[3] + timedelta(hours=1)
    assert complete_through(feeds_complete_through=hours[1]) == hours[1]
    assert complete_through(hours[1], feeds_complete_through=hours[1]) is None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE attribution_window SET dirty_at = now() WHERE hour = %s", [hours[2]])
    assert complete_through() == hours[2]
    assert complete_through(hours[3]) == hours[3] + timedelta(hours=1)
