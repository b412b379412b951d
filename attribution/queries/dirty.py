"""Which hours wait for attribution."""

from datetime import datetime, timedelta

from django.db import connection


def dirty_span() -> tuple[datetime, datetime] | None:
    """First dirty hour and the end of the last one; None when all is attributed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(hour), max(hour) FROM attribution_window WHERE dirty_at IS NOT NULL")
        first, last = cursor.fetchone()
    return None if first is None else (first, last + timedelta(hours=1))


def dirty_count(start: datetime, end: datetime) -> int:
    """Dirty windows in [start, end)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM attribution_window WHERE dirty_at IS NOT NULL AND hour >= %s AND hour < %s",
            [start, end],
        )
        return int(cursor.fetchone()[0])
