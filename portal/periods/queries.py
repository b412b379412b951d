"""Months with their checklists: as they stand, or as they were closed."""

from datetime import datetime

from attribution.queries.periods import Period, PeriodState, periods
from portal.periods.domain import Items
from portal.periods.operations import checks

SHOWN = 24


def items_of(period: Period, now: datetime) -> Items:
    """A closed month's checklist is what was closed; others' are worked out."""
    if period.state is PeriodState.CLOSED and period.closings:
        return period.closings[-1].checklist
    return [item._asdict() for item in checks(period.month, now=now)]


def months(now: datetime) -> list[tuple[Period, Items]]:
    """The newest months that have begun, newest first."""
    begun = [period for period in periods() if period.start <= now]
    return [(period, items_of(period, now)) for period in begun[:SHOWN]]
