"""How firm a figure is: the months that it is of, and which closing's versions it shows."""

from dataclasses import dataclass
from datetime import date, datetime

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.versions import NOW, AsOf, Pinned, pinned_versions
from attribution.queries.periods import Period, PeriodState, Step, months_of, periods_of
from attribution.queries.span import span_of


@dataclass(frozen=True)
class MonthShown:
    """A month of a figure. `closing`: the shown versions are those that it closed; None: of no closing.

    A reader bound to tenants sees the state and no closing: steps are not theirs. `as_of` is the newest
    shown version's time, `dropped_at` when retention dropped hours of the month.
    """

    month: date
    state: PeriodState
    closing: Step | None
    as_of: datetime | None
    dropped_at: datetime | None


def months_shown(asked: Asked, pinned: Pinned) -> tuple[MonthShown, ...]:
    """Every month of the range, oldest first."""
    found = periods_of(months_of(asked.span))
    return tuple(
        MonthShown(each.month, each.state, _closing(each, asked, pinned), pinned.as_of, each.dropped_at)
        for each in found
    )


def _closing(month: Period, asked: Asked, pinned: Pinned) -> Step | None:
    """Without a moment a closed month shows its last closing; else whichever closed these very versions."""
    if asked.as_of == NOW:
        return month.closings[-1] if month.state is PeriodState.CLOSED and month.closings else None
    start, end = max(month.start, asked.span.start), min(month.end, asked.span.end)
    shown = [window for window in pinned.windows if start <= window.hour < end]
    closings = month.closings if shown else ()
    for step in closings[::-1]:
        span = span_of(start, end, asked.span.zone)
        closed = pinned_versions(span, asked.filters, AsOf(step.as_of, step.seen))
        if list(closed.windows) == shown:
            return step
    return None
