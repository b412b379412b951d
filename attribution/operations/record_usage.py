"""What gateways and runtimes counted, replaced by the hour or by the file."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

import pyarrow as pa
from django.db import connection, transaction

from attribution.models.bill import Bill
from attribution.operations.partitions import make_partitions
from attribution.operations.windows import mark_dirty
from attribution.wire.tables import copy_binary

MEASURES = ("requests", "duration_us", "engine_us", "input_tokens", "cached_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One hour's requests of one service label, tenant label, model and outcome; None is unknown.

    Ids are of `Label` and `ServedModel`, 0 where the source named nobody. `outcome` is success, failed or
    unfinished. `input_tokens` includes the cached ones and those written to a cache, which only providers
    tell apart. Times are microseconds, summed over requests.
    """

    hour: datetime
    service_label_id: int
    tenant_label_id: int
    model_id: int
    outcome: str
    requests: int | None
    duration_us: int | None = None
    engine_us: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cache_write_tokens: int | None = None


def record_usage(
    *,
    source_id: int,
    cluster_id: int,
    level: str,
    rows: Iterable[UsageRow],
    replace_hours: tuple[datetime, datetime] | None = None,
    batch_id: int = 0,
) -> int:
    """Replace what a live source said of a span of hours, or what a file (`batch_id`) said.

    `level` is gateway (knows tenants), engine (the runtime's own totals) or provider (what its own report
    counts: the service label is its project, the tenant label the key, else the project). Bills of that
    source are spread anew, as they follow its usage. Returns the number of rows. Raises IntegrityError when
    two rows have the same key.
    """
    table = _table(list(rows), cluster_id, source_id, level, batch_id)
    with transaction.atomic():
        touched = _delete(cluster_id, source_id, level, replace_hours, batch_id)
        hours = set(table["hour"].to_pylist())
        if hours:
            make_partitions(min(hours), max(hours).replace(minute=59))
        copy_binary("usage_hour", table)
        if level == "provider" and touched | hours:
            _spread_anew(source_id, min(touched | hours), max(touched | hours))
        mark_dirty(cluster_id=cluster_id, hours=touched | hours)
    return len(table)


def _spread_anew(source_id: int, first: datetime, last: datetime) -> None:
    """The costs of a day go to the hours in which the provider counted its tokens."""
    bills = Bill.objects.filter(source_id=source_id, current=True, period_start__lte=last)
    bills.filter(period_end__gt=first).update(pools_stale=True)


def _table(rows: list[UsageRow], cluster_id: int, source_id: int, level: str, batch_id: int) -> pa.Table:
    names = [field.name for field in fields(UsageRow)]
    columns = list(zip(*map(attrgetter(*names), rows), strict=True)) or [()] * len(names)
    types = {"hour": pa.timestamp("us", "UTC"), "outcome": pa.string()}
    arrays = {
        name: pa.array(column, types.get(name, pa.int64()))
        for name, column in zip(names, columns, strict=True)
    }
    count = len(rows)
    return pa.table(
        {
            "cluster_id": pa.repeat(cluster_id, count),
            "source_id": pa.repeat(source_id, count),
            "batch_id": pa.repeat(batch_id, count),
            "level": pa.repeat(level, count),
            **arrays,
        }
    )


def _delete(
    cluster_id: int, source_id: int, level: str, span: tuple[datetime, datetime] | None, batch_id: int
) -> set[datetime]:
    start, end = span or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH gone AS (
                   DELETE FROM usage_hour
                    WHERE cluster_id = %(cluster)s AND source_id = %(source)s AND level = %(level)s
                      AND batch_id = %(batch)s
                      AND (%(batch)s > 0 OR (hour >= %(start)s AND hour < %(end)s))
                   RETURNING hour)
               SELECT DISTINCT hour FROM gone""",
            {
                "cluster": cluster_id,
                "source": source_id,
                "level": level,
                "batch": batch_id,
                "start": start,
                "end": end,
            },
        )
        return {row[0] for row in cursor.fetchall()}
