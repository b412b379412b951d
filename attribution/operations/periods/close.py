"""A month is closed: a change asks for it (it is in review then), and closes it when people have agreed."""

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
)
from attribution.queries.period_checklist import CheckItem, Feeds, checklist
from attribution.queries.periods import Deed, Period, PeriodState, period


def request_close(
    *, month: date, change_id: int, by: str, now: datetime, feeds: Feeds, explanation: str = ""
) -> Period:
    """Put a month in review for a change. Until it is decided, the month still takes writes.

    `feeds` is what the front door says of the month's hours, `explanation` why more than the target stays
    unallocated. Raises CannotStep for a month that is not open, and with every condition that fails.
    """
    with transaction.atomic():
        locked_period(month)
        items = may_close(month, now=now, feeds=feeds, explanation=explanation)
        step = ask(
            month=month,
            deed=Deed.CLOSE,
            change_id=change_id,
            by=by,
            now=now,
            reason=explanation,
            items=items,
        )
        put(month, PeriodState.IN_REVIEW, step)
    return period(month)


def confirm_close(*, month: date, change_id: int, by: str, now: datetime, feeds: Feeds) -> Period:
    """Close a month in review: from now on it takes no write. `by` are the names of those who agreed.

    Waits for whoever writes to it, then looks at every condition again. Raises CannotStep where one fails
    meanwhile, and where no such change waits.
    """
    with transaction.atomic():
        waiting = locked_waiting(month, Deed.CLOSE, change_id)
        items = judged(month, now=now, feeds=feeds, explanation=waiting.step.reason)
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


def may_close(month: date, *, now: datetime, feeds: Feeds, explanation: str = "") -> Sequence[CheckItem]:
    """The checklist of an open month. Raises CannotStep where it is not open, or may not be closed."""
    found = period(month)
    if found.state is not PeriodState.OPEN:
        raise CannotStep(f"{month:%Y-%m} is {in_words(found.state)}, not open")
    return judged(month, now=now, feeds=feeds, explanation=explanation)


def judged(month: date, *, now: datetime, feeds: Feeds, explanation: str) -> Sequence[CheckItem]:
    """The checklist. Raises CannotStep with every condition that fails."""
    items = checklist(month, now=now, feeds=feeds, explanation=explanation)
    if wrong := [item.why for item in items if not item.passed]:
        raise CannotStep(f"{month:%Y-%m} cannot be closed: {'; '.join(wrong)}")
    return items
