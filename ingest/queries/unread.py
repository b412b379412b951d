"""Which hours of a range the live feeds have not read whole."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection


class Unread(NamedTuple):
    """Hours of live sources that are not whole, the first of them and its source; 0, None and "" of none."""

    hours: int
    first: datetime | None
    source: str


def unread_hours(start: datetime, end: datetime) -> Unread:
    """Hours of [start, end) that an active source read in part, or never since it was first read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH span AS (
                   SELECT f.source_id, s.name, greatest(min(f.hour), %(start)s) AS first
                     FROM feed_hour f JOIN source s ON s.id = f.source_id
                    WHERE s.active GROUP BY f.source_id, s.name HAVING min(f.hour) < %(end)s
               ), unread AS (
                   SELECT h.hour, p.name
                     FROM span p
                    CROSS JOIN LATERAL generate_series(p.first, %(end)s::timestamptz - interval '1 hour',
                                                       interval '1 hour') h(hour)
                     LEFT JOIN feed_hour f ON f.source_id = p.source_id AND f.hour = h.hour
                    WHERE f.status IS NULL OR f.status = 'incomplete')
               SELECT count(*), min(hour), (array_agg(name ORDER BY hour, name))[1] FROM unread""",
            {"start": start, "end": end},
        )
        hours, first, source = cursor.fetchone()
    return Unread(hours, first, source or "")
