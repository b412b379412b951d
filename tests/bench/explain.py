"""Explaining a month's figure of 2,000 devices and 50 tenants, against one indexed read of the same lines.

`python -m tests.bench.explain`: writes a month of ledger lines into a database of its own under the ledger's
own guards, and asks for figures as a person does.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

POOLS, DEVICES_A_POOL, TENANTS = size(20, 2), 100, 50
START, DAYS = datetime(2026, 3, 1, tzinfo=UTC), size(31, 2)
END = START + timedelta(days=DAYS)
ROUNDS = size(5, 1)

WINDOWS = """INSERT INTO attribution_window (cluster_id, hour, version, attempts, last_error)
   SELECT %(cluster)s, hour, 1, 0, '' FROM generate_series(%(start)s, %(end)s, interval '1 hour') hour"""
POOL = """INSERT INTO cost_pool (cluster_id, hour, version, number, kind, part, pool_id, resource, estimated,
                                 currency, amount_nano, quantity)
   SELECT %(cluster)s, hour, 1, pool, 'accelerator', 'nodes', %(first_pool)s + pool, '', true, 'USD',
          (SELECT sum(1000000000 + 7919 * n) FROM generate_series(0, 2 * %(tenants)s) n),
          60 * (2 * %(tenants)s + 1)
     FROM generate_series(%(start)s, %(end)s, interval '1 hour') hour,
          generate_series(0, %(pools)s - 1) pool"""
LINE = """INSERT INTO ledger_line (cluster_id, hour, version, number, pool_number, use, service_id, tenant_id,
                                   amount_nano, quantity, unit, basis)
   SELECT %(cluster)s, hour, 1, pool * (2 * %(tenants)s + 1) + n, pool,
          CASE WHEN n = 0 THEN 'idle' WHEN n %% 2 = 0 THEN 'serving' ELSE 'warm_reserve' END,
          nullif(n, 0) - nullif(n, 0) + %(service)s, %(first_tenant)s + (nullif(n, 0) - 1) / 2,
          1000000000 + 7919 * n, 60, 'device-minutes', 'modelled'
     FROM generate_series(%(start)s, %(end)s, interval '1 hour') hour, generate_series(0, %(pools)s - 1) pool,
          generate_series(0, 2 * %(tenants)s) n"""
USAGE = """INSERT INTO ledger_usage (cluster_id, hour, version, number, service_id, tenant_id, requests,
                                     successes, failures, unfinished)
   SELECT %(cluster)s, hour, 1, n, %(service)s, %(first_tenant)s + n, 100, 99, 1, 0
     FROM generate_series(%(start)s, %(end)s, interval '1 hour') hour,
          generate_series(0, %(tenants)s - 1) n"""
VERSION = """INSERT INTO ledger_version (cluster_id, hour, version, published_at, lines_hash)
   SELECT %(cluster)s, hour, 1, hour + interval '70 minutes', decode(md5(hour::text), 'hex')
     FROM generate_series(%(start)s, %(end)s, interval '1 hour') hour"""
READ = """SELECT count(*), sum(amount_nano) FROM ledger_line
           WHERE cluster_id = %(cluster)s AND hour >= %(start)s AND hour <= %(end)s
             AND (%(tenant)s::int IS NULL OR tenant_id = %(tenant)s)"""


def main() -> int:
    """Print each answer beside the read of its lines."""
    with scratch_database():
        facts = seed()
        from attribution.queries.explain.asked import Asked
        from attribution.queries.explain.figures import Figure
        from attribution.queries.filters import NO_FILTERS, CostFilters

        one = CostFilters(tenant=frozenset({facts["first_tenant"]}))
        lines, _ = read(facts, None)
        print(f"{POOLS * DEVICES_A_POOL:,} devices, {TENANTS} tenants, {DAYS} days: {lines:,} lines;")
        print(f"medians of {ROUNDS}, each beside one read of the lines that it is about")
        print(f"{'question':<44} {'read':>10} {'answer':>10} {'ratio':>7}  bar: 5")
        for name, filters, tenant in (
            ("a tenant's", one, facts["first_tenant"]),
            ("everybody's", NO_FILTERS, None),
        ):
            for words, answer in questions(Asked(Figure.COST, START, END, filters)):
                floor, took = rounds(lambda tenant=tenant: read(facts, tenant), answer)
                print(f"{name + ' ' + words:<44} {floor:9.2f}s {took:9.2f}s {took / floor:7.2f}")
    return 0


def questions(cost: Any) -> list[tuple[str, Callable[[], Any]]]:
    """What is asked of a month."""
    from dataclasses import replace

    from attribution.queries.explain.changes import changes_of_ranges, changes_of_versions
    from attribution.queries.explain.explanation import explain
    from attribution.queries.explain.figures import Figure
    from attribution.queries.explain.lines import evidence_lines
    from attribution.queries.explain.pool_hours import pool_hours
    from attribution.queries.explain.versions import AsOf, pinned_versions

    pinned = pinned_versions(cost.span, cost.filters)
    middle = START + timedelta(days=DAYS // 2)
    first, second = replace(cost, end=middle), replace(cost, start=middle)
    then = replace(cost, as_of=AsOf(END - timedelta(days=1)))
    return [
        ("cost, explained", lambda: explain(cost)),
        ("cost per success, explained", lambda: explain(replace(cost, figure=Figure.COST_PER_SUCCESS))),
        ("first page of cost pools", lambda: pool_hours(cost, pinned)),
        ("first page of lines", lambda: evidence_lines(cost, pinned)),
        ("changes since the day before", lambda: changes_of_versions(then, cost)),
        ("changes from half to half", lambda: changes_of_ranges(first, second)),
    ]


def rounds(floor: Callable[[], Any], answer: Callable[[], Any]) -> tuple[float, float]:
    """Median seconds of both, asked in turns: they meet the same machine."""
    floors, answers = [], []
    for _ in range(ROUNDS):
        floors.append(seconds(floor))
        answers.append(seconds(answer))
    return statistics.median(floors), statistics.median(answers)


def seconds(deed: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def read(facts: dict[str, Any], tenant: int | None) -> tuple[int, int]:
    """The floor: lines of the month by the primary key, counted and summed."""
    with connection.cursor() as cursor:
        cursor.execute(READ, facts | {"tenant": tenant})
        count, total = cursor.fetchone()
    return int(count), int(total)


def seed() -> dict[str, Any]:
    """A month of one cluster, published under the guards: every cost pool equals its lines."""
    from attribution import models
    from attribution.operations.partitions import make_partitions

    models.Organization.objects.get_or_create(pk=1)
    provider = models.Provider.objects.create(name="p")
    region = models.Region.objects.create(provider=provider, name="r")
    cluster = models.Cluster.objects.create(name="c", region=region, control_model="managed_kubernetes")
    pools = [
        models.Pool.objects.create(cluster=cluster, name=f"p{n}", accelerator="H100") for n in range(POOLS)
    ]
    tenants = [models.Tenant.objects.create(name=f"tenant-{n:02}", path="/") for n in range(TENANTS)]
    facts = {
        "cluster": cluster.pk, "first_pool": pools[0].pk, "pools": POOLS, "tenants": TENANTS,
        "first_tenant": tenants[0].pk, "service": models.Service.objects.create(name="s").pk,
        "start": START, "end": END - timedelta(hours=1),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        make_partitions(START, END)
        for sql in (WINDOWS, POOL, LINE, USAGE, VERSION):
            cursor.execute(sql, facts)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return facts


if __name__ == "__main__":
    sys.exit(main())
