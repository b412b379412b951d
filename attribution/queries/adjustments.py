"""Adjustments: what came for a closed month later, posted to an open one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from attribution.domain.months import month_bounds
from attribution.queries.organization import organization
from attribution.sql import statement


class PostedAdjustment(NamedTuple):
    """What an open hour's ledger has of adjustments. Ids are 0 where there is none.

    `corrects` is the closed month and the use that its money was in: "2026-03 serving".
    """

    hour: datetime
    kind: str
    pool_id: int
    bill_id: int
    estimated: bool
    currency: str
    corrects: str
    service_id: int
    tenant_id: int
    model_id: int
    basis: str
    amount_nano: int


def posted_adjustments(cluster_id: int, hours: Sequence[datetime]) -> list[PostedAdjustment]:
    """In a stable order."""
    with connection.cursor() as cursor:
        cursor.execute(statement("posted_adjustments"), {"cluster": cluster_id, "hours": list(hours)})
        return [PostedAdjustment(*row) for row in cursor.fetchall()]


class Adjustment(NamedTuple):
    """What of one corrected hour was posted where, by cell. Ids are 0 where there is none.

    `change_id`: people moved it, by that change; None: attribution posted it.
    """

    cluster_id: int
    posted_hour: datetime
    posted_at: datetime
    hour: datetime
    version: int
    kind: str
    part: str
    pool_id: int
    bill_id: int
    estimated: bool
    currency: str
    use: str
    service_id: int
    tenant_id: int
    model_id: int
    amount_nano: int
    change_id: int | None


_COLUMNS = """cluster_id, posted_hour, posted_at, hour, version, kind, part, pool_id, bill_id, estimated,
              currency, use, service_id, tenant_id, model_id, amount_nano, change_id"""


def adjustments_of(month: date, *, limit: int | None = None) -> list[Adjustment]:
    """Adjustments that correct a month, as they were posted, largest first where there is a limit."""
    start, end = month_bounds(month, organization().zone)
    order = "number" if limit is None else "abs(amount_nano) DESC, number"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_COLUMNS} FROM adjustment WHERE hour >= %s AND hour < %s
                 ORDER BY {order} LIMIT %s""",  # noqa: S608  # constants
            [start, end, limit],
        )
        return [Adjustment(*row) for row in cursor.fetchall()]


class AdjustmentSum(NamedTuple):
    """Adjustments of one month posted to another, by kind and use; `hours` are the windows corrected.

    `change_id` as in `Adjustment`.
    """

    corrected: date
    posted: date
    kind: str
    use: str
    currency: str
    amount_nano: int
    hours: int
    posted_at: datetime
    change_id: int | None


def adjustment_sums(month: date) -> list[AdjustmentSum]:
    """What corrects a month, and what it has of others, by kind and use; sums of zero left out."""
    start, end = month_bounds(month, organization().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT month_of(hour), month_of(posted_hour), kind, use, currency, sum(amount_nano)::bigint,
                      count(DISTINCT (cluster_id, hour)), max(posted_at),
                      change_id
                 FROM adjustment
                WHERE (hour >= %(start)s AND hour < %(end)s)
                   OR (posted_hour >= %(start)s AND posted_hour < %(end)s)
                GROUP BY 1, 2, 3, 4, 5, 9 ORDER BY 1, 2, 5, 3, 4, 9 NULLS FIRST""",
            {"start": start, "end": end},
        )
        return [AdjustmentSum(*row) for row in cursor.fetchall()]


def posted_by(change_id: int) -> tuple[int, bool]:
    """How many adjustments a change posted, and whether their window is still to be attributed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), coalesce(bool_or(w.dirty_at IS NOT NULL OR w.version = 0), false)
                 FROM adjustment a
                 JOIN attribution_window w ON (w.cluster_id, w.hour) = (a.cluster_id, a.posted_hour)
                WHERE a.change_id = %s""",
            [change_id],
        )
        rows, waiting = cursor.fetchone()
    return int(rows), bool(waiting)


def last_posting() -> int:
    """The number of the newest adjustment; 0 where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM adjustment")
        return int(cursor.fetchone()[0])


def postings_after(number: int) -> list[tuple[int, datetime]]:
    """Windows (cluster id, hour) that adjustments after this one were posted to, cluster 0 last."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT cluster_id, posted_hour FROM adjustment WHERE number > %s
                ORDER BY posted_hour, cluster_id DESC""",
            [number],
        )
        rows: list[tuple[int, datetime]] = cursor.fetchall()
        return rows
