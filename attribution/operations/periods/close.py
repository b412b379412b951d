"""A month is closed: one person asks (it is in review then), another confirms or rejects."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from attribution.operations.periods.content import keep_content, stamp_days
from attribution.operations.periods.steps import (
    CannotStep,
    ask,
    decide,
    in_words,
    locked_period,
    locked_waiting,
    put,
    words_needed,
)
from attribution.queries.period_checklist import CheckItem, Feeds, checklist
from attribution.queries.periods import Deed, Period, PeriodState, period


def request_close(*, month: date, by: str, now: datetime, feeds: Feeds, explanation: str = "") -> Period:
    """Ask for a month to be closed. It is in review until somebody else decides, and still takes writes.

    `feeds` is what the front door says of the month's hours, `explanation` why more than the target stays
    unallocated. Raises CannotStep for a month that is not open, and with every condition that fails.
    """
    with transaction.atomic():
        found = locked_period(month)
        if found.state is not PeriodState.OPEN:
            raise CannotStep(f"{month:%Y-%m} is {in_words(found.state)}, not open")
        items = _judged(month, now, feeds, explanation)
        step = ask(month=month, deed=Deed.CLOSE, by=by, now=now, reason=explanation, items=items)
        put(month, PeriodState.IN_REVIEW, step)
    return period(month)


def confirm_close(*, month: date, by: str, now: datetime, feeds: Feeds) -> Period:
    """Close a month in review: from now on it takes no write.

    Waits for whoever writes to it, then looks at every condition again. Raises CannotStep for whoever asked
    for it, and where a condition fails meanwhile: then the month stays in review.
    """
    with transaction.atomic():
        waiting = locked_waiting(month=month, deed=Deed.CLOSE, by=by, confirming=True)
        items = _judged(month, now, feeds, waiting.step.reason)
        closed = keep_content(waiting.period, waiting.step.id)
        decide(
            step_id=waiting.step.id,
            outcome="confirmed",
            by=by,
            now=now,
            items=items,
            **closed._asdict(),
        )
        put(month, PeriodState.CLOSED, waiting.step.id)
        stamp_days(waiting.period)
    return period(month)


def reject_close(*, month: date, by: str, reason: str, now: datetime) -> Period:
    """Let the month be open again, with words why. Raises CannotStep without them."""
    return _given_up(month, by, words_needed(month, reason), now, "rejected")


def withdraw_close(*, month: date, by: str, now: datetime) -> Period:
    """Whoever asked for it takes it back: the month is open again. Raises CannotStep for anybody else."""
    waiting = period(month).waiting
    if waiting and waiting.requested_by.strip().casefold() != by.strip().casefold():
        raise CannotStep(
            f"{month:%Y-%m}: {waiting.requested_by} asked for it; others reject it, with a reason"
        )
    return _given_up(month, by, "", now, "withdrawn")


def _given_up(month: date, by: str, why: str, now: datetime, outcome: str) -> Period:
    with transaction.atomic():
        waiting = locked_waiting(month=month, deed=Deed.CLOSE, by=by, confirming=False)
        decide(step_id=waiting.step.id, outcome=outcome, by=by, now=now, why=why)
        put(month, PeriodState.OPEN, waiting.step.id)
    return period(month)


def _judged(month: date, now: datetime, feeds: Feeds, explanation: str) -> Sequence[CheckItem]:
    items = checklist(month, now=now, feeds=feeds, explanation=explanation)
    if wrong := [item.why for item in items if not item.passed]:
        raise CannotStep(f"{month:%Y-%m} cannot be closed: {'; '.join(wrong)}")
    return items
