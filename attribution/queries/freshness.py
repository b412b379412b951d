"""Up to when figures are complete."""

from datetime import datetime

from django.db import connection

from attribution.sql import statement


def complete_through(
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    feeds_complete_through: datetime | None = None,
) -> datetime | None:
    """The end of the last hour in [start, end) up to which every window has been attributed.

    None when no hour is complete. Hours without facts (of a fee that is spread over a whole month) do not
    count. `feeds_complete_through` is what the front door says of the feeds: nothing is complete beyond it.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement("complete_through"), {"start": start, "end": end})
        row = cursor.fetchone()
    if row is None:
        return None
    if feeds_complete_through is None or row[0] <= feeds_complete_through:
        return row[0]  # type: ignore[no-any-return]  # a column of timestamps
    return feeds_complete_through if start is None or feeds_complete_through > start else None
