"""Small balanced windows, published through the tables under the same guards as the product's own runs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from attribution.domain.capacity import MINUTE_USES
from attribution.operations.partitions import make_partitions
from attribution.operations.roll_up import roll_up_days

USD = 10**9


@dataclass(frozen=True)
class Line:
    """A ledger line; ids are None where there is none, amount None is unpriced."""

    use: str
    amount: int | None
    tenant: int | None = None
    service: int | None = None
    model: int | None = None
    quantity: float | None = 60.0
    unit: str = "device-minutes"
    basis: str = "measured"
    usage: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class CostPool:
    """A cost pool of its lines; `amount` is their sum unless a test wants it to be off."""

    lines: Sequence[Line]
    kind: str = "accelerator"
    part: str = "nodes"
    pool: int | None = None
    bill: int | None = None
    estimated: bool = True
    currency: str = "USD"
    amount: int | str | None = "sum"

    @property
    def amount_nano(self) -> int | None:
        if not isinstance(self.amount, str):
            return self.amount
        known = [line.amount for line in self.lines if line.amount is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class Used:
    """Requests of a window."""

    requests: int | None
    successes: int | None
    failures: int | None = 0
    tenant: int | None = None
    service: int | None = None
    model: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Devices:
    """Minutes by state of a pool and service (0: none)."""

    pool: int
    service: int = 0
    minutes: dict[str, int] = field(default_factory=dict)
    sampled: int = 0
    busy: float = 0.0
    serving_busy: float = 0.0


def publish_window(
    cluster_id: int,
    hour: datetime,
    pools: Sequence[CostPool],
    used: Sequence[Used] = (),
    devices: Sequence[Devices] = (),
) -> int:
    """Publish the next version of a window with its roll-ups, in one transaction; returns the version.

    The deferred guard looks at the end, also inside a test's own transaction.
    """
    with transaction.atomic():
        make_partitions(hour, hour + timedelta(hours=1))
        version = _next_version(cluster_id, hour)
        write_version(cluster_id, hour, version, pools, used)
        _write_devices(cluster_id, hour, devices)
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE attribution_window SET version = %s, dirty_at = NULL
                    WHERE cluster_id = %s AND hour = %s""",
                [version, cluster_id, hour],
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        roll_up_days(cluster_id, [hour])
    return version


def _next_version(cluster_id: int, hour: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO attribution_window (cluster_id, hour, version, attempts, last_error)
               VALUES (%s, %s, 0, 0, '') ON CONFLICT DO NOTHING""",
            [cluster_id, hour],
        )
        cursor.execute(
            "SELECT version + 1 FROM attribution_window WHERE cluster_id = %s AND hour = %s FOR UPDATE",
            [cluster_id, hour],
        )
        return int(cursor.fetchone()[0])


def write_version(
    cluster_id: int, hour: datetime, version: int, pools: Sequence[CostPool], used: Sequence[Used] = ()
) -> None:
    """Write pools, lines, usage and the version row that publishes them; no window is switched."""
    write_pools(cluster_id, hour, version, pools)
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO ledger_usage (cluster_id, hour, version, number, service_id, tenant_id, model_id,
                                         requests, successes, failures, unfinished, input_tokens,
                                         output_tokens)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s)""",
            [
                (cluster_id, hour, version, number, row.service, row.tenant, row.model, row.requests,
                 row.successes, row.failures, row.input_tokens, row.output_tokens)
                for number, row in enumerate(used)
            ],
        )  # fmt: skip
        cursor.execute(
            """INSERT INTO ledger_version (cluster_id, hour, version, published_at, lines_hash)
               VALUES (%s, %s, %s, %s, %s)""",
            [cluster_id, hour, version, datetime.now(UTC), hashlib.sha256(repr(pools).encode()).digest()],
        )


def write_pools(cluster_id: int, hour: datetime, version: int, pools: Sequence[CostPool]) -> None:
    """Write pools and lines of a version that is not published yet."""
    key, place = (cluster_id, hour, version), 0
    with connection.cursor() as cursor:
        for number, pool in enumerate(pools):
            cursor.execute(
                """INSERT INTO cost_pool (cluster_id, hour, version, number, kind, part, pool_id, resource,
                                          bill_id, estimated, currency, amount_nano, tenant_ids, quantity)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s, %s, %s)""",
                [*key, number, pool.kind, pool.part, pool.pool, pool.bill, pool.estimated, pool.currency,
                 pool.amount_nano, sorted({line.tenant for line in pool.lines if line.tenant}),
                 _quantity(pool)],
            )  # fmt: skip
            for line in pool.lines:
                cursor.execute(
                    """INSERT INTO ledger_line (cluster_id, hour, version, number, pool_number, use,
                                                service_id, tenant_id, model_id, amount_nano, usage_nano,
                                                quantity, unit, basis, reason)
                       VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                    [*key, place, number, line.use, line.service, line.tenant, line.model, line.amount,
                     line.usage, line.quantity, line.unit, line.basis, line.reason],
                )  # fmt: skip
                place += 1


def _quantity(pool: CostPool) -> float | None:
    """As attribution publishes it: the sum of the lines, null where one has none."""
    quantities = [line.quantity for line in pool.lines]
    return None if None in quantities else float(sum(quantities)) or None


def _write_devices(cluster_id: int, hour: datetime, devices: Sequence[Devices]) -> None:
    columns = ", ".join(MINUTE_USES)
    marks = ", ".join(["%s"] * (7 + len(MINUTE_USES)))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM hourly_utilization WHERE cluster_id = %s AND hour = %s", [cluster_id, hour]
        )
        for row in devices:
            cursor.execute(
                f"""INSERT INTO hourly_utilization (cluster_id, hour, pool_id, service_id, {columns},
                        busy_minutes, serving_busy_minutes, sampled_minutes) VALUES ({marks})""",
                [cluster_id, hour, row.pool, row.service, *(row.minutes.get(use, 0) for use in MINUTE_USES),
                 row.busy, row.serving_busy, row.sampled],
            )  # fmt: skip
