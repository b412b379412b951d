"""Which hours of a figure have no rows any more."""

from datetime import UTC

from django.db import connection

from attribution.queries.explain.versions import Pinned


def dropped_windows(pinned: Pinned) -> int:
    """How many windows retention dropped the rows of, which it does by months of UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_day FROM dropped_month")
        gone = {row[0] for row in cursor.fetchall()}
    return sum(window.hour.astimezone(UTC).date().replace(day=1) in gone for window in pinned.windows)
