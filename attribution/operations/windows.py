"""Windows become dirty in the transaction that changes their facts."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection


def mark_dirty(*, cluster_id: int, hours: Iterable[datetime], strips: bool = False) -> None:
    """Mark windows for re-attribution; facts of no cluster (0) concern every window of their hours.

    With `strips` what was counted from the hours' strips holds no longer, and they are read again.
    Waits for a running attribution of the same window, so that a fact is either seen by it or makes the
    window dirty again after it. Hours are locked in order, so that two writers cannot deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO attribution_window (cluster_id, hour, version, dirty_at, attempts, last_error)
               SELECT cluster_id, hour, 0, clock_timestamp(), 0, ''
                 FROM (SELECT %(cluster)s AS cluster_id, hour FROM unnest(%(hours)s::timestamptz[]) hour
                       UNION
                       SELECT w.cluster_id, w.hour FROM attribution_window w
                        WHERE %(cluster)s = 0 AND w.hour = ANY(%(hours)s)
                       UNION
                       SELECT 0, hour FROM unnest(%(hours)s::timestamptz[]) hour) touched
                ORDER BY cluster_id, hour
               ON CONFLICT (cluster_id, hour) DO UPDATE
                  SET dirty_at = excluded.dirty_at, attempts = 0,
                      strips_version = attribution_window.strips_version + %(strips)s::int""",
            {"cluster": cluster_id, "hours": sorted(set(hours)), "strips": strips},
        )


def mark_span_dirty(*, cluster_id: int | None, start: datetime | None, end: datetime | None) -> int:
    """Mark every window that exists in [start, end) (None: unbounded); a rule that holds there changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE attribution_window SET dirty_at = clock_timestamp(), attempts = 0
                WHERE (cluster_id, hour) IN (
                    SELECT cluster_id, hour FROM attribution_window
                     WHERE (%(cluster)s::int IS NULL OR cluster_id IN (%(cluster)s, 0))
                       AND (%(start)s::timestamptz IS NULL OR hour + interval '1 hour' > %(start)s)
                       AND (%(end)s::timestamptz IS NULL OR hour < %(end)s)
                     ORDER BY cluster_id, hour FOR UPDATE)""",
            {"cluster": cluster_id, "start": start, "end": end},
        )
        return int(cursor.rowcount)
