"""A version of each window is published, and the window switched to it, in one transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection
from numpy.typing import NDArray

from attribution.domain.capacity import MINUTE_USES
from attribution.domain.ledger import CostPool, Lines
from attribution.operations.kept_states import keep_states
from attribution.operations.roll_up import roll_up_days
from attribution.operations.utilization_rows import utilization_rows
from attribution.operations.window_facts import LoadedWindows
from attribution.operations.windows import mark_all_dirty
from attribution.operations.work_table import work_table
from attribution.wire.tables import copy_binary, encode_table


def publish(
    cluster_id: int, versions: Mapping[datetime, int], loaded: LoadedWindows, lines: Lines, now: datetime
) -> int:
    """Publish the windows whose content differs from their current version; returns how many did.

    `versions` are the current ones (0: none). The caller holds the windows' row locks. Windows with the
    same cost pools, lines and usage as before stay as they are: the same inputs make no new version.
    """
    hours = loaded.hours
    pools, pool_hour = _pool_table(loaded.facts.cost_pools)
    table, line_hour = _line_table(lines, pool_hour)
    usage, usage_hour = _usage_table(loaded)
    parts = [
        ("cost_pool", pools, pool_hour),
        ("ledger_line", table, line_hour),
        ("ledger_usage", usage, usage_hour),
        ("ledger_work", *work_table(loaded.facts.work, lines)),
    ]
    utilization = utilization_rows(loaded.facts.pool_ids, loaded.facts.state)
    changed: list[int] = []
    with connection.cursor() as cursor:
        known = _current_hashes(cursor, cluster_id, versions)
        for place, hour in enumerate(hours):
            digest = _digest([_of_hour(rows, at, place) for _, rows, at in parts], utilization[place])
            if known.get(hour) == digest:
                continue
            changed.append(place)
            cursor.execute(
                """INSERT INTO ledger_version (cluster_id, hour, version, published_at, lines_hash)
                   VALUES (%s, %s, %s, %s, %s)""",
                [cluster_id, hour, versions[hour] + 1, now, digest],
            )
        for target, rows, at in parts:
            kept = np.isin(at, changed)
            if target == "cost_pool":
                rows = rows.append_column("tenant_ids", _bearers(lines, rows.num_rows))
                rows = rows.append_column("quantity", _quantities(lines, rows.num_rows))
            copy_binary(target, _keyed(rows.filter(pa.array(kept)), at[kept], cluster_id, hours, versions))
        _write_utilization(cursor, cluster_id, loaded, [utilization[place] for place in changed], changed)
        cursor.execute(
            """UPDATE attribution_window w SET version = w.version + (w.hour = ANY(%s))::int,
                      dirty_at = NULL, attempts = 0, last_error = ''
                WHERE w.cluster_id = %s AND w.hour = ANY(%s)""",
            [[hours[place] for place in changed], cluster_id, list(hours)],
        )
    if cluster_id and changed:
        mark_all_dirty({}, shared=[hours[place] for place in changed])
    keep_states(cluster_id=cluster_id, fresh=loaded.fresh)
    if changed:
        roll_up_days(cluster_id, [hours[place] for place in changed])
    return len(changed)


def _current_hashes(cursor: Any, cluster_id: int, versions: Mapping[datetime, int]) -> dict[datetime, bytes]:
    cursor.execute(
        """SELECT v.hour, v.lines_hash FROM ledger_version v
             JOIN attribution_window w USING (cluster_id, hour, version)
            WHERE v.cluster_id = %s AND v.hour = ANY(%s)""",
        [cluster_id, list(versions)],
    )
    return {hour: bytes(digest) for hour, digest in cursor.fetchall()}


def _digest(tables: Sequence[pa.Table], utilization: Sequence[tuple[Any, ...]]) -> bytes:
    """What makes a version different: the bytes of its rows, without the version's own number."""
    digest = hashlib.sha256(repr(utilization).encode())
    for table in tables:
        digest.update(encode_table(table))
    return digest.digest()


def _of_hour(table: pa.Table, at: NDArray[np.int64], place: int) -> pa.Table:
    """Rows of one hour; the rows are sorted by hour."""
    start, end = np.searchsorted(at, [place, place + 1])
    return table.slice(start, end - start)


def _keyed(
    table: pa.Table,
    at: NDArray[np.int64],
    cluster_id: int,
    hours: Sequence[datetime],
    versions: Mapping[datetime, int],
) -> pa.Table:
    starts = np.array([int(hour.timestamp()) for hour in hours], dtype=np.int64)
    new = np.array([versions[hour] + 1 for hour in hours], dtype=np.int64)
    return (
        table.append_column("cluster_id", pa.repeat(cluster_id, table.num_rows))
        .append_column("hour", pa.array(starts[at] * 1_000_000).cast(pa.timestamp("us", "UTC")))
        .append_column("version", pa.array(new[at]))
    )


def _within_hour(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of each row within its hour, from 0; rows are sorted by hour."""
    return np.arange(len(at)) - np.searchsorted(at, at)


def _ids(values: Any) -> pa.Array:
    """Ids, where 0 means none."""
    values = np.asarray(values, dtype=np.int64)
    return pa.array(values, mask=values == 0)


def _texts(values: Any) -> pa.Array:
    return pa.array(values, pa.string())


def _pool_table(pools: Sequence[CostPool]) -> tuple[pa.Table, NDArray[np.int64]]:
    at = np.array([pool.hour for pool in pools], dtype=np.int64)
    table = pa.table(
        {
            "number": pa.array(_within_hour(at)),
            "kind": _texts([pool.kind for pool in pools]),
            "part": _texts([pool.part for pool in pools]),
            "pool_id": _ids([pool.pool_id for pool in pools]),
            "service_id": _ids([pool.service_id for pool in pools]),
            "resource": _texts([pool.resource for pool in pools]),
            "bill_id": _ids([pool.bill_id for pool in pools]),
            "price_id": _ids([pool.price_id for pool in pools]),
            "estimated": pa.array([pool.estimated for pool in pools], pa.bool_()),
            "currency": _texts([pool.currency for pool in pools]),
            "amount_nano": pa.array([pool.amount for pool in pools], pa.int64()),
        }
    )
    return table, at


def _bearers(lines: Lines, pools: int) -> pa.Array:
    """Who bears a part of each cost pool, ascending: row-level security shows the pool's row to these.

    Follows from the lines, so it is no part of what makes a version different.
    """
    borne = lines.tenant > 0
    pairs = np.unique(lines.pool_number[borne].astype(np.int64) << 32 | lines.tenant[borne].astype(np.int64))
    offsets = np.searchsorted(pairs >> 32, np.arange(pools + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array((pairs & 0xFFFFFFFF).astype(np.int32)))


def _quantities(lines: Lines, pools: int) -> pa.Array:
    """What each cost pool was split by, null where a line has none; follows from the lines as well."""
    sums = np.bincount(lines.pool_number, weights=lines.quantity, minlength=pools)
    return pa.array(sums, mask=~(sums > 0))


def _line_table(lines: Lines, pool_hour: NDArray[np.int64]) -> tuple[pa.Table, NDArray[np.int64]]:
    order = np.argsort(lines.hour, kind="stable")
    at = lines.hour[order]
    rank = _within_hour(pool_hour)
    table = pa.table(
        {
            "number": pa.array(_within_hour(at)),
            "pool_number": pa.array(rank[lines.pool_number[order]]),
            "use": _texts(lines.use[order]),
            "service_id": _ids(lines.service[order]),
            "tenant_id": _ids(lines.tenant[order]),
            "model_id": _ids(lines.model[order]),
            "amount_nano": pa.array(lines.amount[order], mask=~lines.priced[order]),
            "usage_nano": pa.array(lines.usage[order], mask=(lines.usage[order] < 0) | ~lines.priced[order]),
            "quantity": pa.array(lines.quantity[order], mask=np.isnan(lines.quantity[order])),
            "unit": _texts(lines.unit[order]),
            "basis": _texts(lines.basis[order]),
            "rule_id": _ids(lines.rule[order]),
            "reason": _texts(lines.reason[order]),
        }
    )
    return table, at


def _usage_table(loaded: LoadedWindows) -> tuple[pa.Table, NDArray[np.int64]]:
    usage = loaded.usage
    columns: dict[str, Any] = {
        "number": pa.array(_within_hour(usage.hour)),
        "service_id": _ids(usage.service),
        "tenant_id": _ids(usage.tenant),
        "model_id": _ids(usage.model),
    }
    for name in (
        "requests", "successes", "failures", "unfinished", "duration_us", "input_tokens", "cached_tokens",
        "output_tokens",
    ):  # fmt: skip
        columns[name] = pa.array(usage.sums[name], mask=usage.sums[name] < 0)
    return pa.table(columns), usage.hour


def _write_utilization(
    cursor: Any,
    cluster_id: int,
    loaded: LoadedWindows,
    rows: Sequence[Sequence[tuple[Any, ...]]],
    changed: Sequence[int],
) -> None:
    hours = [loaded.hours[place] for place in changed]
    cursor.execute(
        "DELETE FROM hourly_utilization WHERE cluster_id = %s AND hour = ANY(%s)", [cluster_id, hours]
    )
    columns = (
        "cluster_id", "hour", "pool_id", "service_id", "tenant_id", *MINUTE_USES, "busy_minutes",
        "serving_busy_minutes", "sampled_minutes",
    )  # fmt: skip
    statement = f"COPY hourly_utilization ({', '.join(columns)}) FROM STDIN"
    with cursor.copy(statement) as copy:
        for hour, of_hour in zip(hours, rows, strict=True):
            for row in of_hour:
                copy.write_row((cluster_id, hour, *row))
