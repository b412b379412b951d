"""Hours of closed months are computed beside the ledger; the difference is posted to an open month."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import pyarrow as pa
from django.db import connection

from attribution.domain.adjusted import CLOSED_MONTH
from attribution.domain.ledger import CostPool, Lines
from attribution.domain.months import month_bounds, month_of, next_month
from attribution.operations.windows import mark_all_dirty
from attribution.queries.organization import organization
from attribution.queries.periods import PeriodState
from attribution.sql import statement
from attribution.wire.tables import copy_binary

_RECOMPUTED = """
    CREATE TEMPORARY TABLE IF NOT EXISTS recomputed_pool (
        number integer, kind text, part text, pool_id integer, pool_service_id integer, resource text,
        bill_id integer, estimated boolean, currency text) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS recomputed (
        hour timestamptz, pool_number integer, use text, service_id integer, tenant_id integer,
        model_id integer, basis text, amount_nano bigint) ON COMMIT DELETE ROWS;
    TRUNCATE recomputed_pool, recomputed"""


def closed_hours(hours: Sequence[datetime]) -> set[datetime]:
    """Which of these hours are in a closed month. The months stay as they are until the transaction ends."""
    zone = organization().zone
    months = {hour: month_of(hour, zone) for hour in hours}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month, state FROM period WHERE month = ANY(%s) ORDER BY month FOR SHARE",
            [sorted(set(months.values()))],
        )
        closed = {month for month, state in cursor.fetchall() if state == PeriodState.CLOSED}
    return {hour for hour, month in months.items() if month in closed}


def adjust(
    cluster_id: int, hours: Sequence[datetime], lines: Lines, pools: Sequence[CostPool], now: datetime
) -> int:
    """Post what these hours of closed months would say now, less what they say and what was posted already.

    The caller holds the windows' row locks; they are clean afterwards, and their versions stay. Posting the
    same again posts nothing. Returns how many rows were posted.
    """
    _copy_recomputed(hours, lines, pools)
    posted, postings = 0, set()
    for month, some in _by_month(hours).items():
        if rows := _post(cluster_id, some, month, now, against_ledger=True):
            posted += rows
            postings.add(posting_hour(month))
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE attribution_window SET dirty_at = NULL, attempts = 0, last_error = ''
                WHERE cluster_id = %s AND hour = ANY(%s)""",
            [cluster_id, list(hours)],
        )
    if posted:
        mark_all_dirty({cluster_id: postings}, shared=hours if cluster_id else ())
    return posted


def take_back(month: date, now: datetime) -> int:
    """Post the opposite of all that attribution posted for a month: it is open again, and will say it itself.

    What people moved by hand stays: no hour would say it.
    Its corrected windows become dirty. Returns how many rows were posted.
    """
    start, end = month_bounds(month, organization().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT cluster_id, array_agg(DISTINCT hour) FROM adjustment
                WHERE hour >= %s AND hour < %s AND change_id IS NULL GROUP BY 1 ORDER BY 1""",
            [start, end],
        )
        corrected: Mapping[int, list[datetime]] = dict(cursor.fetchall())
        cursor.execute(_RECOMPUTED)
    taken = {
        cluster_id: _post(cluster_id, hours, month, now, against_ledger=False)
        for cluster_id, hours in corrected.items()
    }
    posting = posting_hour(month)
    mark_all_dirty(
        {
            cluster_id: [*hours, posting] if taken[cluster_id] else hours
            for cluster_id, hours in corrected.items()
        }
    )
    return sum(taken.values())


def _by_month(hours: Sequence[datetime]) -> Mapping[date, list[datetime]]:
    zone = organization().zone
    found: dict[date, list[datetime]] = {}
    for hour in hours:
        found.setdefault(month_of(hour, zone), []).append(hour)
    return found


def _post(
    cluster_id: int, hours: Sequence[datetime], month: date, now: datetime, *, against_ledger: bool
) -> int:
    posting = posting_hour(month)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("post_adjustments"),
            {
                "cluster": cluster_id,
                "hours": list(hours),
                "start": min(hours),
                "end": max(hours),
                "posted": posting,
                "now": now,
                "against_ledger": against_ledger,
            },
        )
        return int(cursor.rowcount)


def posting_hour(month: date) -> datetime:
    """The first hour of the first open month after this one; a month in review is left alone too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT month FROM period WHERE state <> 'open' AND month > %s", [month])
        firm = {row[0] for row in cursor.fetchall()}
    open_month = next_month(month)
    while open_month in firm:
        open_month = next_month(open_month)
    return month_bounds(open_month, organization().zone)[0]


def _copy_recomputed(hours: Sequence[datetime], lines: Lines, pools: Sequence[CostPool]) -> None:
    """The priced lines but those of adjustments into temporary tables, and their cost pools by number."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOMPUTED)
    corrections = np.array([pool.part == CLOSED_MONTH for pool in pools], dtype=bool)
    kept = np.flatnonzero(lines.priced & ~corrections[lines.pool_number]) if len(pools) else np.zeros(0, int)
    starts = np.array([int(hour.timestamp()) for hour in hours], dtype=np.int64)
    copy_binary("recomputed_pool", _pool_table(pools))
    copy_binary(
        "recomputed",
        pa.table(
            {
                "hour": pa.array(starts[lines.hour[kept]] * 1_000_000).cast(pa.timestamp("us", "UTC")),
                "pool_number": pa.array(lines.pool_number[kept]),
                "use": pa.array(lines.use[kept], pa.string()),
                "service_id": pa.array(lines.service[kept]),
                "tenant_id": pa.array(lines.tenant[kept]),
                "model_id": pa.array(lines.model[kept]),
                "basis": pa.array(lines.basis[kept], pa.string()),
                "amount_nano": pa.array(lines.amount[kept]),
            }
        ),
    )


def _pool_table(pools: Sequence[CostPool]) -> pa.Table:
    return pa.table(
        {
            "number": pa.array(range(len(pools)), pa.int64()),
            "kind": pa.array([pool.kind for pool in pools], pa.string()),
            "part": pa.array([pool.part for pool in pools], pa.string()),
            "pool_id": pa.array([pool.pool_id for pool in pools], pa.int64()),
            "pool_service_id": pa.array([pool.service_id for pool in pools], pa.int64()),
            "resource": pa.array([pool.resource for pool in pools], pa.string()),
            "bill_id": pa.array([pool.bill_id for pool in pools], pa.int64()),
            "estimated": pa.array([pool.estimated for pool in pools], pa.bool_()),
            "currency": pa.array([pool.currency for pool in pools], pa.string()),
        }
    )
