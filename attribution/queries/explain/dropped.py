"""Which hours of a figure have no rows any more."""

from datetime import UTC

from django.db import connection

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
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_day FROM dropped_month")
        gone = {row[0] for row in cursor.fetchall()}
    return sum(window.hour.astimezone(UTC).date().replace(day=1) in gone for window in pinned.windows)
