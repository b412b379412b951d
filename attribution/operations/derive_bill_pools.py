"""The cost pools of a bill, from its charges and from where its nodes lived; and what it counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import pyarrow as pa
from django.db import connection, transaction

from attribution.domain.bill_pools import Pools, PoolSums, Scope
from attribution.domain.digits import columns_for
from attribution.models.bill import Bill, BillTotal
from attribution.operations.bill_lines import bill_lines, size_of
from attribution.operations.billed_hours import MICROSECONDS_PER_HOUR, add_lines
from attribution.operations.derive_bill_quantities import BilledQuantities
from attribution.operations.usage_spread import UsageSpread
from attribution.operations.windows import mark_all_dirty
from attribution.wire.tables import copy_binary

POOLS_AT_ONCE = 50_000
_SCOPE_TYPES = [pa.int64()] * 3 + [pa.string()] * 4


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
        anew = _put_aside(bill_id, superseded_id)
        for some in pools.split(totals):
            _write(bill_id, some)
        Bill.objects.filter(pk=bill_id).update(pools_stale=False)
        mark_all_dirty(dict(_changed(bill_id) if anew else _hours_of(bill_id)))


def _sums(bill: Bill, quantities: BilledQuantities) -> PoolSums:
    """The charges, summed; counts `quantities`."""
    size, spread = size_of(bill), UsageSpread(bill)
    if size is None:
        return PoolSums()
    sums = PoolSums(size.digits)
    for lines in bill_lines(bill, size, columns_for(sums.digits)):
        add_lines(sums, lines, spread)
        quantities.count(lines)
    return sums


def _put_aside(bill_id: int, superseded_id: int | None) -> bool:
    """Keep what stood until it is compared, if anything did; another version's is changed in any case."""
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
        return bool(cursor.rowcount)


def _hours_of(bill_id: int) -> Iterable[tuple[int, Sequence[datetime]]]:
    """All hours of its cost pools, by cluster."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT cluster_id, array_agg(hour ORDER BY hour)
                 FROM (SELECT DISTINCT cluster_id, hour FROM bill_pool WHERE bill_id = %s) p
                GROUP BY cluster_id ORDER BY cluster_id""",
            [bill_id],
        )
        found: list[tuple[int, Sequence[datetime]]] = cursor.fetchall()
    return found


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


def _write(bill_id: int, pools: Pools) -> None:
    if not pools.scopes:
        return
    columns = zip(*pools.scopes, strict=True)
    scopes = pa.table(
        {
            name: pa.array(column, kind)
            for name, kind, column in zip(Scope._fields, _SCOPE_TYPES, columns, strict=True)
        }
    )
    for first in range(0, len(pools.hour), POOLS_AT_ONCE):
        some = slice(first, first + POOLS_AT_ONCE)
        table = scopes.take(pa.array(pools.scope[some]))
        hours = pa.array(pools.hour[some] * MICROSECONDS_PER_HOUR).cast(pa.timestamp("us", "UTC"))
        table = table.append_column("bill_id", pa.repeat(bill_id, table.num_rows))
        table = table.append_column("hour", hours)
        copy_binary("bill_pool", table.append_column("amount_nano", pa.array(pools.amount[some])))
