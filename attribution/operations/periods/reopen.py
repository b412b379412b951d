"""A closed month is opened again: a change asks for it with a reason and, agreed to, opens it."""

from datetime import date, datetime

from django.db import transaction

from attribution.operations.periods.adjust import take_back
from attribution.operations.periods.content import stamp_days
from attribution.operations.periods.steps import (
    CannotStep,
    ask,
    decide,
    in_words,
    locked_period,
    locked_waiting,
    put,
)
from attribution.operations.windows import hold_windows
from attribution.queries.periods import Deed, Period, PeriodState, period


def request_reopen(*, month: date, change_id: int, by: str, reason: str, now: datetime) -> Period:
    """Ask for a closed month to be opened; it stays closed until the change is agreed to.

    Raises CannotStep without a reason, and for a month that is not closed.
    """
    with transaction.atomic():
        locked_period(month)
        may_reopen(month)
        if not reason.strip():
            raise CannotStep(f"{month:%Y-%m}: a reason is needed")
        ask(month=month, deed=Deed.REOPEN, change_id=change_id, by=by, now=now, reason=reason)
    return period(month)


def may_reopen(month: date) -> Period:
    """A month that is closed. Raises CannotStep for another one."""
    found = period(month)
    if found.state is not PeriodState.CLOSED:
        raise CannotStep(f"{month:%Y-%m} is {in_words(found.state)}, not closed")
    if found.dropped_at:
        raise CannotStep(
            f"{month:%Y-%m}: its rows were dropped on {found.dropped_at:%Y-%m-%d}; see its export"
        )
    return found


def confirm_reopen(*, month: date, change_id: int, by: str, now: datetime) -> Period:
    """Open the month. What was closed stays readable as of its closing. `by` are those who agreed.

    What was posted to later months for it is taken back there: its hours say it themselves from now on.
    Raises CannotStep where no such change waits.
    """
    with transaction.atomic():
        found = period(month)
        # Windows before the month, as whoever attributes them does: else each could wait for the other. Those
        # of later months too: what was posted there is taken back.
        hold_windows(found.start)
        waiting = locked_waiting(month, Deed.REOPEN, change_id)
        decide(step_id=waiting.step.id, outcome="confirmed", by=by, now=now)
        put(month, PeriodState.OPEN, waiting.step.id)
        take_back(month, now)
        stamp_days(waiting.period)
    return period(month)
