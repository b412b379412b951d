"""Months that are closed by two people, for tests."""

from datetime import UTC, date, datetime

from attribution.operations.periods.close import confirm_close, request_close
from attribution.operations.periods.reopen import confirm_reopen, request_reopen
from attribution.queries.period_checklist import Feeds
from attribution.queries.periods import Period

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = datetime(2026, 5, 20, 9, tzinfo=UTC)
COMPLETE = Feeds(0)


def close(month: date = MARCH, now: datetime = LATER) -> Period:
    """Ann asks, Ben confirms."""
    request_close(month=month, by="ann", now=now, feeds=COMPLETE, explanation="a test")
    return confirm_close(month=month, by="ben", now=now, feeds=COMPLETE)


def reopen(month: date = MARCH, now: datetime = LATER) -> Period:
    """Ann asks, Ben confirms."""
    request_reopen(month=month, by="ann", reason="a late invoice", now=now)
    return confirm_reopen(month=month, by="ben", now=now)
