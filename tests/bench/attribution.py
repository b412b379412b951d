"""Attribution against the time it takes to copy the same strips out of PostgreSQL.

`python -m tests.bench.attribution [DEVICES …]`: devices × 24 h × 50 tenants, from strips to published
lines and roll-ups, in a database of its own.
"""

import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
from django.db import connection
from django.db.models import F

from tests.bench.memory import forget_peak, peak_megabytes
from tests.bench.scratch import scratch_database

START = datetime(2026, 3, 4, tzinfo=UTC)
HOURS, TENANTS, SERVICES, POOLS = 24, 50, 8, 4
SHARED = -2


def main(sizes: list[int]) -> None:
    """Print one row a size; see `make bench`."""
    head = f"{'devices':>8} {'slices':>6} {'strips out':>11} {'attribution':>12} {'ratio':>6} {'lines':>8}"
    print(f"{head} {'peak MB':>8}  bars: 1.8, 600 MB")
    cases = [(devices, 1) for devices in sizes] + [(min(sizes), 7), (min(sizes), SHARED)]
    for devices, slices in cases:
        with scratch_database():
            seed(devices, slices=slices)
            copied = statistics.median(copy_out_seconds() for _ in range(5))
            forget_peak()
            attributed, lines = attribute_seconds()
            peak = peak_megabytes()
            ratio = attributed / copied
            kind = "shared" if slices == SHARED else str(slices)
            row = f"{devices:8} {kind:>6} {copied:10.2f}s {attributed:11.2f}s {ratio:6.2f} {lines:8}"
            print(f"{row} {peak:8.0f}")


def seed(devices: int, usage_hours: int = HOURS, *, slices: int = 1) -> None:
    """A day of strips in four pools, and so many hours of tokens of 50 tenants at 8 services.

    Every device is cut into so many slices, each with a pod of its own; SHARED: two pods have each by time.
    """
    from attribution import models
    from attribution.operations.interning import (
        DeviceName,
        HolderName,
        intern_devices,
        intern_holders,
        intern_labels,
        intern_models,
    )
    from attribution.operations.record_strips import Strips, record_strips
    from attribution.operations.record_usage import UsageRow, record_usage

    provider = models.Provider.objects.create(name="p")
    region = models.Region.objects.create(provider=provider, name="r")
    cluster = models.Cluster.objects.create(name="c", region=region, control_model="managed_kubernetes")
    source = models.Source.objects.create(name="s", kind="prometheus", cluster=cluster)
    gateway = models.Source.objects.create(name="g", kind="request_log")
    book = models.PriceBook.objects.create(name="b", currency="USD")
    holding = models.Tenant.objects.create(name="holding", path="/1/")
    for number in range(POOLS):
        pool = models.Pool.objects.create(
            cluster=cluster,
            name=f"pool{number}",
            accelerator="H100",
            nodes=[f"n{number}-*"],
            device_models=["*"],
        )
        models.Price.objects.create(book=book, pool=pool, rate_nano=2_345_678_901)
        models.Reserve.objects.create(pool=pool, kind="warm", devices=devices // 50)
        models.Reserve.objects.create(pool=pool, kind="failover", devices=devices // 50)
    for number in range(SERVICES):
        service = models.Service.objects.create(name=f"s{number}", weight_cached=Decimal("0.1"))
        models.ServiceRule.objects.create(service=service, kind="pod", pattern=f"ns/s{number}-*")
    models.TenantRule.objects.create(kind="team", pattern="*", create_under=holding)
    device_ids = intern_devices(
        cluster.pk, [DeviceName(f"n{i % POOLS}-{i // 8}", f"GPU-{i}", "H100") for i in range(devices)]
    )
    device_ids = [device for device in device_ids for _ in range(abs(slices))]
    devices = len(device_ids)  # from here on: rows
    places = range(devices)
    cut = np.arange(devices) % slices + 1 if slices > 1 else np.zeros(devices)
    holders = intern_holders(cluster.pk, [HolderName("ns", f"s{i % SERVICES}-{i}", "main") for i in places])
    random = np.random.default_rng(1)
    for hour in range(HOURS):
        at = START + timedelta(hours=hour)
        busy = np.clip(random.normal(0.3, 0.3, (devices, 60)), 0, 1).astype(np.float32)
        ones = np.ones((devices, 60), dtype=np.float32)
        record_strips(
            source_id=source.pk,
            cluster_id=cluster.pk,
            start=at,
            end=at + timedelta(hours=1),
            strips=Strips(
                hour=np.full(devices, int(at.timestamp()), dtype=np.int64),
                device_id=np.array(device_ids, dtype=np.int32),
                holder_id=np.array(holders, dtype=np.int32),
                signals={
                    "node_ready": ones,
                    "held": ones,
                    "ready": _ready(random, devices),
                    "busy": busy,
                    "pending": (random.random((devices, 60)) > 0.8).astype(np.float32),
                    "memory": ones * 40_000,
                },
                slice=cut.astype(np.int32),
                of_slices=max(slices, 1),
            ),
        )
    labels = intern_labels([("team", f"t{i}") for i in range(TENANTS)])
    services = intern_labels([("service", f"s{i}") for i in range(SERVICES)])
    (model,) = intern_models(["m"])
    rows = [
        UsageRow(
            START + timedelta(hours=hour), service, tenant, model, outcome, 40 + place, 9_000_000, None,
            100_000 * (1 + place), 20_000, 30_000,
        )
        for hour in range(usage_hours)
        for service in services
        for place, tenant in enumerate(labels)
        for outcome in ("success", "failed")
    ]  # fmt: skip
    record_usage(
        source_id=gateway.pk,
        cluster_id=0,
        level="gateway",
        rows=rows,
        replace_hours=(START, START + timedelta(hours=usage_hours)),
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _ready(random: np.random.Generator, devices: int) -> np.ndarray:
    """One pod in twelve starts in the hour and loads its model for six minutes."""
    ready = np.ones((devices, 60), dtype=np.float32)
    for place in np.flatnonzero(random.random(devices) < 1 / 12):
        start = random.integers(0, 54)
        ready[place, start : start + 6] = 0
    return ready


def copy_out_seconds() -> float:
    """The floor: all columns of the strips, as binary COPY, read and thrown away."""
    from attribution.wire.connection import raw_connection

    began = time.perf_counter()
    statement = "COPY (SELECT * FROM device_strip) TO STDOUT (FORMAT BINARY)"
    with raw_connection().cursor() as cursor, cursor.copy(statement) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - began


def attribute_seconds(runs: int = 3) -> tuple[float, int]:
    """Wall time from dirty windows to published lines and roll-ups, and the number of lines of a version.

    The median of some runs of a warm worker; each follows a change of price, so that every line is new, and
    nothing of the strips was kept.
    """
    from attribution.models import Price
    from attribution.operations.attribute_windows import attribute_range
    from attribution.operations.windows import mark_span_dirty

    taken = []
    for _ in range(runs + 1):
        Price.objects.update(rate_nano=F("rate_nano") + 1)
        mark_span_dirty(cluster_id=None, start=None, end=None)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM window_states")
        began = time.perf_counter()
        attribute_range(START, START + timedelta(hours=HOURS))
        taken.append(time.perf_counter() - began)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_line WHERE version = 1")
        return statistics.median(taken[1:]), int(cursor.fetchone()[0])


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [2000, 5000, 10000])
