"""Periods: where each month stands, and who took which step."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.hours import HOUR, local_day
from attribution.domain.months import month_bounds, next_month
from attribution.queries.organization import organization
from attribution.queries.span import Span


class PeriodState(StrEnum):
    """Where a month stands. Only a closed one refuses writes."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    CLOSED = "closed"


class Deed(StrEnum):
    """What a step asks for."""

    CLOSE = "close"
    REOPEN = "reopen"


class Step(NamedTuple):
    """A step of a change: asked for by one person, decided by others; `outcome` "" while it waits.

    `requested_person` is the number of who asked, names are for readers. `checklist` is how the month stood
    when the step was asked for, or decided. A confirmed close keeps the snapshot of the ledger that it saw
    (`seen`, with the time of its newest version) and the hash of what the month says.
    """

    id: int
    month: date
    deed: str
    change_id: int | None
    requested_person: int | None
    requested_by: str
    requested_at: datetime
    reason: str
    checklist: list[dict[str, Any]]
    outcome: str
    decided_by: str
    decided_at: datetime | None
    decided_why: str
    seen: str | None
    as_of: datetime | None
    content_hash: bytes | None


@dataclass(frozen=True)
class Period:
    """A month with its hours `[start, end)` and its steps, oldest first.

    `exported_at` None: its last closing was not exported. `dropped_at`: when retention dropped hours of it.
    """

    month: date
    state: PeriodState
    start: datetime
    end: datetime
    exported_at: datetime | None
    dropped_at: datetime | None
    steps: tuple[Step, ...]

    @property
    def waiting(self) -> Step | None:
        """The step that waits for a decision."""
        return next((step for step in self.steps if not step.outcome), None)

    @property
    def closings(self) -> tuple[Step, ...]:
        """Confirmed closings, oldest first: each is a version of the month that can be read for ever."""
        return tuple(step for step in self.steps if step.deed == Deed.CLOSE and step.outcome == "confirmed")


_STEPS = """SELECT id, month, deed, change_id, requested_person, requested_by, requested_at, reason,
                   checklist, outcome, decided_by, decided_at, decided_why, seen, as_of, content_hash
              FROM period_step WHERE %(months)s::date[] IS NULL OR month = ANY(%(months)s::date[])
             ORDER BY id"""


def periods() -> list[Period]:
    """Every month that somebody has written to, newest first."""
    return _periods(None)


def period(month: date) -> Period:
    """One month; open where nothing is known of it."""
    return periods_of([month])[0]


def periods_of(months: Iterable[date]) -> list[Period]:
    """These months, in their order; open where nothing is known of one."""
    wanted = list(months)
    known = {each.month: each for each in _periods(wanted)}
    return [
        known.get(month) or Period(month, PeriodState.OPEN, *_bounds(month), None, None, ())
        for month in wanted
    ]


def _periods(months: list[date] | None) -> list[Period]:
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, {"months": months})
        steps: dict[date, list[Step]] = {}
        for row in cursor.fetchall():
            step = _step(row)
            steps.setdefault(step.month, []).append(step)
        cursor.execute(
            """SELECT month, state, exported_at, dropped_at FROM period
                WHERE %(months)s::date[] IS NULL OR month = ANY(%(months)s::date[]) ORDER BY month DESC""",
            {"months": months},
        )
        rows = cursor.fetchall()
    return [
        Period(first, PeriodState(state), *_bounds(first), exported, dropped, tuple(steps.get(first, ())))
        for first, state, exported, dropped in rows
    ]


def _step(row: tuple[Any, ...]) -> Step:
    step = Step(*row)
    kept = None if step.content_hash is None else bytes(step.content_hash)
    return step._replace(content_hash=kept, checklist=json.loads(row[8]))


def _bounds(month: date) -> tuple[datetime, datetime]:
    return month_bounds(month, organization().zone)


def states_of(months: Iterable[date]) -> Mapping[date, PeriodState]:
    """The state of each month; those without a row are open."""
    wanted = sorted(set(months))
    with connection.cursor() as cursor:
        cursor.execute("SELECT month, state FROM period WHERE month = ANY(%s)", [wanted])
        return all_months(wanted, dict(cursor.fetchall()))


def all_months(wanted: Iterable[date], known: Mapping[date, str]) -> Mapping[date, PeriodState]:
    """The state of each month; those of which nothing is known are open."""
    return {month: PeriodState(known.get(month, PeriodState.OPEN)) for month in wanted}


def firm_months() -> list[date]:
    """Months in review or closed, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT month FROM period WHERE state <> 'open' ORDER BY month")
        return [row[0] for row in cursor.fetchall()]


def closed_months(months: Iterable[date]) -> frozenset[date]:
    """Those of these months that are closed."""
    return frozenset(month for month, state in states_of(months).items() if state is PeriodState.CLOSED)


def months_of(span: Span) -> list[date]:
    """The months that the hours of a span belong to."""
    return months_between(local_day(span.start, span.zone), local_day(span.end - HOUR, span.zone))


def months_between(first: date, last: date) -> list[date]:
    """First days of the months from that of `first` to that of `last`, both inclusive."""
    months = [first.replace(day=1)]
    while (after := next_month(months[-1])) <= last:
        months.append(after)
    return months
