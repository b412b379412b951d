"""Which hours of a figure have no rows any more."""

from datetime import UTC

from attribution.domain.months import month_of
from attribution.queries.dropped import dropped_months
from attribution.queries.explain.versions import Pinned


class RowsDropped(ValueError):
    """What is asked about has hours without rows; the text says how many."""


def refuse_dropped(*sides: Pinned) -> None:
    """Raises RowsDropped where any of these has such hours: against nothing everything would have changed."""
    if gone := sum(map(dropped_windows, sides)):
        raise RowsDropped(
            f"retention dropped the rows of {gone} hours of it; their months' exports have what they said"
        )


def dropped_windows(pinned: Pinned) -> int:
    """How many windows retention dropped the rows of, which it does by months of UTC."""
    gone = dropped_months()
    if not gone:
        return 0
    return sum(month_of(window.hour, UTC) in gone for window in pinned.windows)
