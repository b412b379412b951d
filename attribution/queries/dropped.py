"""Which months have no rows any more: retention drops months of UTC, and their roll-ups stay."""

from datetime import UTC, date, datetime

from django.db import connection

from attribution.domain.hours import HOUR
from attribution.queries.periods import months_between


def dropped_months() -> frozenset[date]:
    """Their first days; of UTC, whatever the reporting zone is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_day FROM dropped_month")
        return frozenset(row[0] for row in cursor.fetchall())


def dropped_months_of(start: datetime, end: datetime) -> list[date]:
    """Those that hours of [start, end) belong to, in their order."""
    first, last = (moment.astimezone(UTC).date() for moment in (start, end - HOUR))
    return sorted(dropped_months().intersection(months_between(first, last)))
