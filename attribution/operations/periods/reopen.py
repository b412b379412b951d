"""A closed month is opened again: one person asks with a reason, another confirms or rejects."""

from datetime import date, datetime

from django.db import connection, transaction

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
    words_needed,
)
from attribution.queries.periods import Deed, Period, PeriodState, period


def request_reopen(*, month: date, by: str, reason: str, now: datetime) -> Period:
    """Ask for a closed month to be opened; it stays closed until somebody else confirms.

    Raises CannotStep without a reason, and for a month that is not closed.
    """
    with transaction.atomic():
        found = locked_period(month)
        if found.state is not PeriodState.CLOSED:
            raise CannotStep(f"{month:%Y-%m} is {in_words(found.state)}, not closed")
        ask(month=month, deed=Deed.REOPEN, by=by, now=now, reason=words_needed(month, reason))
    return period(month)


def confirm_reopen(*, month: date, by: str, now: datetime) -> Period:
    """Open the month. What was closed stays readable as of its closing.

    What was posted to later months for it is taken back there: its hours say it themselves from now on.

    Raises CannotStep for whoever asked for it.
    """
    with transaction.atomic():
        found = period(month)
        with connection.cursor() as cursor:
            # Windows before the month, as whoever attributes them does: else each could wait for the other.
            cursor.execute(
                """SELECT FROM attribution_window WHERE hour >= %s AND hour < %s
                    ORDER BY cluster_id, hour FOR UPDATE""",
                [found.start, found.end],
            )
        waiting = locked_waiting(month=month, deed=Deed.REOPEN, by=by, confirming=True)
        decide(step_id=waiting.step.id, outcome="confirmed", by=by, now=now)
        put(month, PeriodState.OPEN, waiting.step.id)
        take_back(month, now)
        stamp_days(waiting.period)
    return period(month)


def reject_reopen(*, month: date, by: str, reason: str, now: datetime) -> Period:
    """The month stays closed, with words why. Raises CannotStep without them."""
    with transaction.atomic():
        waiting = locked_waiting(month=month, deed=Deed.REOPEN, by=by, confirming=False)
        why = words_needed(month, reason)
        decide(step_id=waiting.step.id, outcome="rejected", by=by, now=now, why=why)
    return period(month)
