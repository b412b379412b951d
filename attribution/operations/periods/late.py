"""Facts that came for hours whose rows retention has dropped: kept and counted, never computed or posted."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection


def dropped_hours(hours: Sequence[datetime]) -> set[datetime]:
    """Which of these hours retention has dropped.

    Ask after the months' rows are held (`closed_hours`): then none is dropped until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hour FROM unnest(%s::timestamptz[]) hour WHERE hour_is_dropped(hour)", [list(hours)]
        )
        return {row[0] for row in cursor.fetchall()}


def count_late(cluster_id: int, hours: Sequence[datetime]) -> int:
    """Count that facts came for dropped hours, which are clean afterwards; returns how many hours.

    What they said is in an export alone, so the difference that would be posted cannot be known: computed
    against nothing it would be the whole amount once more. The caller holds the windows' row locks.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO late_hour (hour, cluster_id, first_at, last_at)
               SELECT hour, cluster_id, dirty_at, dirty_at FROM attribution_window
                WHERE cluster_id = %s AND hour = ANY(%s) AND dirty_at IS NOT NULL
               ON CONFLICT (hour, cluster_id)
               DO UPDATE SET last_at = excluded.last_at, times = late_hour.times + 1""",
            [cluster_id, list(hours)],
        )
        cursor.execute(
            """UPDATE attribution_window SET dirty_at = NULL, attempts = 0, last_error = ''
                WHERE cluster_id = %s AND hour = ANY(%s)""",
            [cluster_id, list(hours)],
        )
    return len(hours)
