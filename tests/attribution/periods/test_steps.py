"""From open to closed and back: who may, when, and what is kept."""
# ruff: noqa: E501  # one statement a line

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from attribution.models import Organization, Source
from attribution.operations.periods.close import confirm_close, request_close
from attribution.operations.periods.reopen import request_reopen
from attribution.operations.periods.steps import CannotStep
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.period_checklist import Feeds, checklist
from attribution.queries.periods import PeriodState, period
from portal.approvals.domain.kinds import Kind
from tests.support.fleet import HOUR, small_fleet
from tests.support.ledger import USD, CostPool, Line, publish_window
from tests.support.periods import COMPLETE, LATER, MARCH, agreed, asked, close, reopen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_month() -> None:
    Organization.objects.get_or_create(pk=1)
    publish_window(1, HOUR, [CostPool([Line("serving", 99 * USD, tenant=1), Line("unallocated", USD)])])


def refused(words: str) -> Any:
    return pytest.raises(CannotStep, match=words)


def test_a_month_goes_from_open_to_review_to_closed_and_back() -> None:
    assert period(MARCH).state is PeriodState.OPEN
    change = asked(Kind.PERIOD_CLOSE)
    found = period(MARCH)
    assert (found.state, found.waiting and found.waiting.requested_by) == (PeriodState.IN_REVIEW, "ann")
    closed = agreed(change)
    assert closed.state is PeriodState.CLOSED
    assert closed.closings[-1].decided_by == "ben"
    assert len(closed.closings[-1].content_hash or b"") == 32
    change = asked(Kind.PERIOD_REOPEN, by="ben")
    assert period(MARCH).state is PeriodState.CLOSED
    assert agreed(change, by="ann").state is PeriodState.OPEN
    assert [step.deed for step in period(MARCH).steps] == ["close", "reopen"]


def test_a_step_needs_the_month_to_stand_so() -> None:
    with refused("is open, not closed"):
        request_reopen(month=MARCH, change_id=1, by="ann", reason="x", now=LATER)
    with refused("no close of change 1 waits"):
        confirm_close(month=MARCH, change_id=1, by="ben", now=LATER, feeds=COMPLETE)
    close()
    with refused("is closed, not open"):
        request_close(month=MARCH, change_id=1, by="ann", now=LATER, feeds=COMPLETE)
    with refused("a reason is needed"):
        request_reopen(month=MARCH, change_id=1, by="ann", reason=" ", now=LATER)


def test_every_condition_says_why_it_fails() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE attribution_window SET dirty_at = now()")
    publish_window(1, HOUR + timedelta(hours=1), [CostPool([Line("unallocated", 10 * USD)])])
    feeds = Feeds(2, HOUR, "telemetry")
    items = checklist(MARCH, now=datetime(2026, 3, 20, tzinfo=UTC), feeds=feeds)
    assert {item.key: (item.passed, item.why) for item in items} == {
        "over": (False, "it lasts until 2026-04-01 00:00 UTC"),
        "windows": (False, "1 windows wait for attribution, the first at 2026-03-04 10:00 UTC"),
        "feeds": (
            False, "2 hours of feeds were not read whole, the first at 2026-03-04 10:00 UTC (telemetry)",
        ),
        "bills": (True, ""),
        "overdue": (True, ""),
        "unallocated": (False, "10.00% of USD is over the target of 5.00%; say why"),
    }  # fmt: skip
    with refused("it lasts until .*; 1 windows wait .*; 2 hours .*; 10.00% of USD"):
        request_close(month=MARCH, change_id=1, by="ann", now=datetime(2026, 3, 20, tzinfo=UTC), feeds=feeds)


def test_what_is_unallocated_can_be_explained_and_the_words_are_kept() -> None:
    publish_window(1, HOUR, [CostPool([Line("unallocated", 10 * USD)])])
    with refused("100.00% of USD"):
        request_close(month=MARCH, change_id=1, by="ann", now=LATER, feeds=COMPLETE)
    closed = agreed(asked(Kind.PERIOD_CLOSE, explanation="a test cluster"))
    item = {item["key"]: item for item in closed.closings[-1].checklist}["unallocated"]
    assert item["passed"]
    assert item["figures"]["share"] == {"USD": "1.000000"}
    assert item["why"].endswith("a test cluster")


def test_a_month_that_fails_meanwhile_is_not_closed() -> None:
    change = asked(Kind.PERIOD_CLOSE)
    with refused("1 hours of feeds"):
        confirm_close(
            month=MARCH, change_id=change.pk, by="ben", now=LATER, feeds=Feeds(1, HOUR, "telemetry")
        )
    assert period(MARCH).state is PeriodState.IN_REVIEW


def test_a_month_that_was_reopened_is_closed_again_beside_its_first_closing() -> None:
    close()
    reopen()
    publish_window(1, HOUR, [CostPool([Line("serving", 7 * USD, tenant=1)])])
    again = close()
    first, second = again.closings
    assert first.content_hash != second.content_hash


BY_HAND = {
    "closed without a step": "UPDATE period SET state = 'closed' WHERE month = '2026-03-01'",
    "born closed": "INSERT INTO period (month, state) VALUES ('2026-05-01', 'closed')",
    "deleted": "DELETE FROM period",
    "truncated": "TRUNCATE period, period_step, period_digest",
    "step deleted": "DELETE FROM period_step",
    "confirmed by nobody": """UPDATE period_step SET outcome = 'confirmed', decided_by = 'ben', decided_at = now(),
                              content_hash = sha256(''), seen = '1:1:' WHERE outcome = ''""",
    "of no change": """INSERT INTO period_step (month, deed, requested_by, requested_at)
                       VALUES ('2026-04-01', 'close', 'ann', now())""",
    "of another month's change": """INSERT INTO period_step (month, deed, change_id, requested_by, requested_at)
                       SELECT '2026-04-01', 'close', change_id, 'ann', now() FROM period_step""",
    "of another deed": """INSERT INTO period_step (month, deed, change_id, requested_by, requested_at, reason)
                       SELECT '2026-03-01', 'reopen', change_id, 'ann', now(), 'x' FROM period_step""",
    "born confirmed": """INSERT INTO period_step (month, deed, requested_by, requested_at, outcome, decided_by, decided_at,
                         reason) VALUES ('2026-04-01', 'reopen', 'ann', now(), 'confirmed', 'ben', now(), 'x')""",
    "asked by another person": "UPDATE period_step SET requested_person = 0",
    "of another change": "UPDATE period_step SET change_id = change_id + 1",
    "asked by another": "UPDATE period_step SET requested_by = 'zoe'",
    "rejected without words": """UPDATE period_step SET outcome = 'rejected', decided_by = 'ben', decided_at = now()""",
    "closed without a hash": """UPDATE period_step SET outcome = 'confirmed', decided_by = 'ben', decided_at = now()""",
    "another time zone": "UPDATE organization SET reporting_time_zone = 'Asia/Tokyo'",
}


@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND.keys())
def test_the_database_refuses_it_by_hand_too(statement: str) -> None:
    asked(Kind.PERIOD_CLOSE)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO period (month) VALUES ('2026-04-01') ON CONFLICT DO NOTHING")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)


def test_a_decided_step_stays_as_it_was_decided() -> None:
    close()
    with connection.cursor() as cursor:
        for statement in (
            "UPDATE period_step SET decided_by = 'zoe'",
            "UPDATE period_step SET content_hash = sha256('')",
            "UPDATE period_digest SET rows = 1",
            "DELETE FROM period_digest",
            "UPDATE period SET state = 'open' WHERE month = '2026-03-01'",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.parametrize(
    ("cost", "said"),
    [("-12.5", "−12.500000000"), ("-0.000000001", "−0.000000001"), ("0.000000002", "0.000000002")],
)
def test_a_bill_that_is_not_in_the_ledger_is_said_with_all_digits_and_a_minus(cost: str, said: str) -> None:
    amount, end = Decimal(cost), HOUR + timedelta(hours=1)
    facts = {"charge_category": "Usage", "service_category": "Compute"}
    replace_bill(
        source_id=small_fleet().bills.pk, export="", period_start=datetime(2026, 3, 1, tzinfo=UTC),
        period_end=datetime(2026, 4, 1, tzinfo=UTC), content_hash=b"1", files=[], rejected=0, imported_at=LATER,
        charges=[Charge(1, "bill.csv", 2, HOUR, end, "USD", amount, amount, None, None, **facts)],
    )  # fmt: skip
    items = {item.key: item for item in checklist(MARCH, now=LATER, feeds=COMPLETE)}
    assert (items["bills"].passed, items["bills"].why) == (False, f"not reconciled: bills USD: {said}")


def test_a_source_that_bills_each_month_and_not_this_one_is_overdue() -> None:
    source = small_fleet().bills
    other = Source.objects.create(name="new-bills", kind="focus")

    def brought(month: int, by: Source = source) -> None:
        start = datetime(2026, month, 1, tzinfo=UTC)
        replace_bill(
            source_id=by.pk, export="", period_start=start, period_end=datetime(2026, month + 1, 1, tzinfo=UTC),
            content_hash=bytes([month]), charges=[], files=[], rejected=0, imported_at=LATER,
        )  # fmt: skip

    def overdue() -> tuple[bool, str]:
        items = {item.key: item for item in checklist(MARCH, now=LATER, feeds=COMPLETE)}
        return items["overdue"].passed, items["overdue"].why

    brought(2)
    brought(2, other)
    assert overdue() == (True, "")
    brought(1)
    assert overdue() == (
        False, "no bill of this month from bills, which brought one for both months before",
    )  # fmt: skip
    Source.objects.filter(pk=source.pk).update(active=False)
    assert overdue()[0]
    Source.objects.filter(pk=source.pk).update(active=True)
    brought(3)
    assert overdue() == (True, "")
