"""The last whole weeks that the ledger knows."""

from datetime import datetime, timedelta

from django.db import connection

from attribution.queries.freshness import complete_through

WEEK = timedelta(days=7)


def whole_weeks(most: int) -> list[tuple[datetime, datetime]]:
    """At most so many spans of seven days, newest first, that end at the last complete midnight (UTC)."""
    days = complete_days()
    if days is None:
        return []
    first, end = days
    spans = [(end - (n + 1) * WEEK, end - n * WEEK) for n in range(most)]
    return [span for span in spans if span[0] >= first]


def complete_days() -> tuple[datetime, datetime] | None:
    """The first hour of the ledger, and the last complete midnight (UTC); None where there is none."""
    end = complete_through()
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(hour) FROM attribution_window WHERE version > 0 AND cluster_id > 0")
        first = cursor.fetchone()[0]
    if end is None or first is None:
        return None
    return first, end.replace(hour=0, minute=0, second=0, microsecond=0)
