"""The cost pools of a bill, from its charges and from where its nodes lived; and what it counts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

import pyarrow as pa
from django.db import connection, transaction

from attribution.domain.bill_pools import Pool, PoolSums, Scope
from attribution.models.bill import Bill, BillTotal
from attribution.operations.bill_lines import bill_lines, live_scope
from attribution.operations.derive_bill_quantities import BilledQuantities
from attribution.operations.usage_spread import UsageSpread
from attribution.operations.windows import mark_all_dirty
from attribution.wire.tables import copy_binary

POOLS_AT_ONCE = 50_000


def derive_stale_bills(start: datetime, end: datetime) -> int:
    """Derive the current bills of [start, end) whose nodes' lives have changed; returns how many.

    The cost pools of a bill whose charges retention dropped stay: from no charges there would be none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE bill SET pools_stale = false
                WHERE current AND pools_stale AND period_start < %s AND period_end > %s
                  AND hour_is_dropped(period_start) AND accepted > 0
                  AND NOT EXISTS (SELECT FROM charge c WHERE c.bill_id = bill.id
                                     AND c.billing_period_start = bill.period_start)""",
            [end, start],
        )
    stale = Bill.objects.filter(
        current=True, pools_stale=True, period_start__lt=end, period_end__gt=start
    ).values_list("pk", flat=True)
    for bill_id in sorted(stale):
        derive_bill_pools(bill_id=bill_id)
    return len(stale)


def derive_bill_pools(*, bill_id: int, superseded_id: int | None = None) -> None:
    """Replace the bill's cost pools, and those of the version it supersedes; marks changed windows dirty."""
    with transaction.atomic():
        bill = Bill.objects.select_for_update().select_related("source").get(pk=bill_id)
        totals = dict(
            BillTotal.objects.filter(bill=bill).order_by("currency").values_list("currency", "effective_nano")
        )
        quantities = BilledQuantities()
        pools = _sums(bill, quantities)
        quantities.replace(bill_id, superseded_id)
        _put_aside(bill_id, superseded_id)
        _write(bill_id, pools.split(totals))
        Bill.objects.filter(pk=bill_id).update(pools_stale=False)
        mark_all_dirty(dict(_changed(bill_id)))


def _sums(bill: Bill, quantities: BilledQuantities) -> PoolSums:
    """The charges, summed; counts `quantities`."""
    sums, spread = PoolSums(), UsageSpread(bill)
    for line in bill_lines(bill):
        scope, live = live_scope(line, spread)
        sums.add(scope, line.start, line.end, line.amount, live, line.node)
        quantities.add(scope.cluster_id, scope.service_id, line.start, line.end, line.counted)
    return sums


def _put_aside(bill_id: int, superseded_id: int | None) -> None:
    """Keep what stood until it is compared; what another version says is changed in any case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS former_bill_pool (LIKE bill_pool) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE former_bill_pool")
        cursor.execute(
            """WITH gone AS (DELETE FROM bill_pool WHERE bill_id = ANY(%s) RETURNING *)
               INSERT INTO former_bill_pool SELECT * FROM gone""",
            [[bill_id, superseded_id or bill_id]],
        )


def _changed(bill_id: int) -> Iterable[tuple[int, Sequence[datetime]]]:
    """Hours whose cost pools are not what they were, by cluster; another version's are never the same."""
    key = "cluster_id, hour, pool_id, service_id, kind, part, resource, currency"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT cluster_id, array_agg(DISTINCT hour ORDER BY hour)
                  FROM (SELECT * FROM bill_pool WHERE bill_id = %s) new
                  FULL JOIN former_bill_pool old USING (bill_id, {key})
                 WHERE new.amount_nano IS DISTINCT FROM old.amount_nano
                 GROUP BY cluster_id ORDER BY cluster_id""",  # noqa: S608  # a constant
            [bill_id],
        )
        found: list[tuple[int, Sequence[datetime]]] = cursor.fetchall()
    return found


def _write(bill_id: int, pools: Iterator[Pool]) -> None:
    while some := list(islice(pools, POOLS_AT_ONCE)):
        columns = zip(*(pool.scope for pool in some), strict=True)
        types = [pa.int64()] * 3 + [pa.string()] * 4
        table = pa.table(
            {
                "bill_id": pa.repeat(bill_id, len(some)),
                "hour": pa.array([pool.hour for pool in some], pa.timestamp("us", "UTC")),
                **{
                    name: pa.array(column, kind)
                    for name, kind, column in zip(Scope._fields, types, columns, strict=True)
                },
                "amount_nano": pa.array([pool.amount for pool in some], pa.int64()),
            }
        )
        copy_binary("bill_pool", table)
