"""Windows become dirty in the transaction that changes their facts.

Whoever locks windows locks a cluster's before the next one's, those of no cluster (0) last, and within a
cluster the earlier hour first, in one statement a transaction: as attribution does, which holds a cluster's
hours when it marks those of no cluster. So nobody waits for who waits for them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection

LOCK_ORDER = "cluster_id = 0, cluster_id, hour"


class Span(NamedTuple):
    """Windows of a cluster (None: of all) in [start, end); None is without end."""

    cluster_id: int | None
    start: datetime | None
    end: datetime | None


def mark_dirty(*, cluster_id: int, hours: Iterable[datetime], strips: bool = False) -> None:
    """Mark windows of one cluster for re-attribution; see `mark_all_dirty`."""
    mark_all_dirty({cluster_id: hours}, strips=strips)


def mark_all_dirty(
    hours_of: Mapping[int, Iterable[datetime]], *, shared: Iterable[datetime] = (), strips: bool = False
) -> None:
    """Mark windows by cluster for re-attribution; facts of no cluster (0) concern all windows of their hours.

    Of the hours in `shared` only the windows of no cluster are marked: what belongs to none may be shared by
    what clusters served. With `strips` what was counted from the hours' strips holds no longer, and they are
    read again. Waits for a running attribution of the same window, so that a fact is either seen by it or
    makes the window dirty again after it. A transaction calls this once, with all that it has to mark.
    """
    pairs = sorted({(cluster_id, hour) for cluster_id, hours in hours_of.items() for hour in hours})
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH told AS (
                   SELECT * FROM unnest(%(clusters)s::int[], %(hours)s::timestamptz[]) t (cluster_id, hour))
               INSERT INTO attribution_window (cluster_id, hour, version, dirty_at, attempts, last_error)
               SELECT cluster_id, hour, 0, clock_timestamp(), 0, ''
                 FROM (SELECT cluster_id, hour FROM told
                       UNION
                       SELECT w.cluster_id, w.hour
                         FROM attribution_window w JOIN told t ON t.cluster_id = 0 AND t.hour = w.hour
                       UNION
                       SELECT 0, hour FROM told
                       UNION
                       SELECT w.cluster_id, w.hour FROM attribution_window w
                        WHERE w.cluster_id = 0 AND w.hour = ANY(%(shared)s)) touched
                ORDER BY {LOCK_ORDER}
               ON CONFLICT (cluster_id, hour) DO UPDATE
                  SET dirty_at = excluded.dirty_at, attempts = 0,
                      strips_version = attribution_window.strips_version + %(strips)s::int""",  # noqa: S608  # a constant
            {
                "clusters": [cluster_id for cluster_id, _ in pairs],
                "hours": [hour for _, hour in pairs],
                "shared": list(shared),
                "strips": strips,
            },
        )


def mark_span_dirty(*, cluster_id: int | None, start: datetime | None, end: datetime | None) -> int:
    """Mark every window that exists in [start, end) (None: unbounded); see `mark_spans_dirty`."""
    return mark_spans_dirty([Span(cluster_id, start, end)])


def mark_spans_dirty(spans: Iterable[Span]) -> int:
    """Mark every window that exists in any of these spans, and those of no cluster there; returns how many.

    For rules that changed where they hold: not hours that retention dropped, which no rule divides any more.
    A transaction calls this once, as `mark_all_dirty`.
    """
    told = list(spans)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE attribution_window SET dirty_at = clock_timestamp(), attempts = 0
                WHERE (cluster_id, hour) IN (
                    SELECT cluster_id, hour FROM attribution_window w
                     WHERE EXISTS (SELECT FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[])
                                               span (of_cluster, since, until)
                                    WHERE (of_cluster IS NULL OR w.cluster_id IN (of_cluster, 0))
                                      AND (since IS NULL OR w.hour + interval '1 hour' > since)
                                      AND (until IS NULL OR w.hour < until))
                       AND date_trunc('month', w.hour AT TIME ZONE 'UTC')::date
                           NOT IN (SELECT first_day FROM dropped_month)
                     ORDER BY {LOCK_ORDER} FOR UPDATE)""",  # noqa: S608  # a constant
            [list(column) for column in zip(*told, strict=True)] or [[], [], []],
        )
        return int(cursor.rowcount)


def hold_windows(start: datetime | None = None) -> None:
    """Wait for whoever works at windows from `start`; others wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT FROM attribution_window
                WHERE hour >= coalesce(%s, '-infinity'::timestamptz)
                ORDER BY {LOCK_ORDER} FOR UPDATE""",
            [start],
        )
