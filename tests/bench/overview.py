"""The overview over 13 months, 1,000 tenants and 3 services, against the empty login page.

`python -m tests.bench.overview`: seeds days into a database of its own, through the product's own roll-up
statements, and asks for pages as a person does.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

TENANTS, SERVICES, MONTHS = size(1000, 20), 3, 13
ROUNDS = 25
MOST_STATEMENTS, MOST_TIMES = 15, 10


def main() -> int:
    """Print queries, time and ratio of some pages; 1 when the default page misses a bar."""
    with scratch_database():
        first, last = seed()
        from django.conf import settings
        from django.test import Client

        from portal.costs.keeping import _kept

        settings.ALLOWED_HOSTS = ["*"]
        settings.SECURE_SSL_REDIRECT = False
        client = Client()

        client.force_login(finance())
        stranger = Client()
        print(f"{TENANTS} tenants, {SERVICES} services, {first} to {last}; medians of {ROUNDS} views,")
        print("each beside one of the login page. `anew`: the first view after its days have changed")
        print("`floor`: the same with every sum over days already in memory, so what drawing alone takes")
        print(
            f"{'page':<36} {'statements':>10} {'login':>8} {'kept':>10} {'× login':>8} {'anew':>12} "
            f"{'× login':>8} {'floor':>12} {'× login':>8}"
        )
        missed = False
        for name, address in pages(first, last):
            queries = asked_by(client, address)
            login, kept = rounds(stranger, client, address)
            login_anew, anew = rounds(stranger, client, address, _kept.clear)
            with sums_remembered():
                client.get(address)
                login_floor, floor = rounds(stranger, client, address, _kept.clear)
            print(
                f"{name:<36} {queries:10} {login * 1000:6.1f}ms {kept * 1000:8.1f}ms {kept / login:8.1f} "
                f"{anew * 1000:10.1f}ms {anew / login_anew:8.1f} {floor * 1000:10.1f}ms "
                f"{floor / login_floor:8.1f}"
            )
            if address == "/":
                missed = queries > MOST_STATEMENTS or kept > MOST_TIMES * login
        _kept.clear()
        queries = asked_by(lead(), "/")
        print(f"{'overview of a lead of one tenant':<36} {queries:10}")
        missed = missed or queries > MOST_STATEMENTS
        return int(missed)


def pages(first: date, last: date) -> list[tuple[str, str]]:
    """What people open."""
    return [
        ("overview (month to date by tenant)", "/"),
        ("by service", "/?group=service"),
        ("by use, 13 months", f"/?group=use&compare=none&from={first}&to={last}"),
        ("by tenant, 13 months", f"/?compare=none&from={first}&to={last}"),
        ("one tenant by service", "/?tenant=tenant-0007&group=service"),
        ("one service by tenant", "/?service=service-1"),
    ]


def asked_by(client: Any, address: str) -> int:
    """Statements of a first view: all that goes over the wire but BEGIN and COMMIT.

    The session, who asks, and savepoints are among them.
    """
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured)


def rounds(
    stranger: Any, client: Any, address: str, before: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Median seconds of the login page and of a page, seen in turns: both meet the same machine."""
    logins, views = [], []
    for _ in range(ROUNDS):
        before()
        logins.append(seconds(stranger, "/login/"))
        views.append(seconds(client, address))
    return statistics.median(logins), statistics.median(views)


@contextmanager
def sums_remembered() -> Iterator[None]:
    """Within, every statement of the overview is asked once; later its rows come from memory."""
    from attribution.queries import overview

    asks, known = overview._fetch, {}

    def fetch(name: str, parameters: Any) -> Any:
        key = (name, repr(sorted(parameters.items())))
        if key not in known:
            known[key] = asks(name, parameters)
        return known[key]

    overview._fetch = fetch
    try:
        yield
    finally:
        overview._fetch = asks


def seconds(client: Any, address: str) -> float:
    """Seconds of one view."""
    began = time.perf_counter()
    client.get(address)
    return time.perf_counter() - began


def lead() -> Any:
    """A client of somebody who sees one tenant."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from attribution.models import Tenant
    from portal.accounts.models import Membership

    user = get_user_model().objects.create_user("lena")
    Membership.objects.create(user=user, role="tenant_lead", tenant=Tenant.objects.get(name="tenant-0007"))
    client = Client()
    client.force_login(user)
    return client


def finance() -> Any:
    """Somebody who sees everything."""
    from django.contrib.auth import get_user_model

    from portal.accounts.models import Membership

    user = get_user_model().objects.create_user("frida")
    Membership.objects.create(user=user, role="finance")
    return user


def seed() -> tuple[date, date]:
    """Days of costs and requests that end yesterday; windows of one cluster, all attributed."""
    from attribution import models
    from attribution.sql import statement

    last = datetime.now(UTC).date() - timedelta(days=1)
    first = date(last.year - 1, last.month, 1)
    models.Organization.objects.get_or_create(pk=1)
    provider = models.Provider.objects.create(name="p")
    region = models.Region.objects.create(provider=provider, name="r")
    cluster = models.Cluster.objects.create(name="c", region=region, control_model="managed_kubernetes")
    pool = models.Pool.objects.create(cluster=cluster, name="h100", accelerator="H100")
    root = models.Tenant.objects.create(name="holding", path="/1/")
    models.Tenant.objects.bulk_create(
        models.Tenant(name=f"tenant-{n:04}", parent=root, path=f"/1/{n + 2}/") for n in range(TENANTS)
    )
    models.Service.objects.bulk_create(models.Service(name=f"service-{n}") for n in range(SERVICES))
    values: dict[str, Any] = {
        "cluster": cluster.pk,
        "pool": pool.pk,
        "first": first,
        "last": last,
        "services": SERVICES,
    }
    with connection.cursor() as cursor:
        for sql in SEEDS:
            cursor.execute(sql, values)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        tables = "daily_cost_total", "daily_cost_tenant", "daily_usage_total", "daily_usage_tenant"
        for name in (*(f"roll_up_{table}" for table in (*tables, "named_for_tenant")), "stamp_days"):
            cursor.execute(statement(name), {"cluster": cluster.pk, "days": days})
        cursor.execute("VACUUM ANALYZE")
    return first, last


SEEDS = (
    """INSERT INTO daily_cost
       SELECT d::date, %(cluster)s, %(pool)s, 'accelerator', use, 'modelled', s.id, t.id, 0, 'USD', true,
              (1e9 + hashtext(t.id || use || d) %% 1e9)::bigint, NULL, 60, 0
         FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') d, tenant t, service s,
              unnest(ARRAY['serving', 'serving_failed', 'warm_reserve', 'stalled']) use
        WHERE t.parent_id IS NOT NULL""",
    """INSERT INTO daily_cost
       SELECT d::date, %(cluster)s, %(pool)s, kind, use, 'measured', 0, 0, 0, 'USD', true,
              5e11::bigint, NULL, 60, 0
         FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') d,
              (VALUES ('accelerator', 'idle'), ('accelerator', 'unallocated'), ('accelerator', 'serving'),
                      ('egress', 'transfer'), ('platform', 'shared')) v(kind, use)""",
    """INSERT INTO daily_usage
       SELECT d::date, %(cluster)s, s.id, t.id, 0, 1000, 990, 10, 0, 1000000, 100000, 0, 50000
         FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') d, tenant t, service s
        WHERE t.parent_id IS NOT NULL""",
    """INSERT INTO hourly_utilization
       SELECT %(cluster)s, h, %(pool)s, s.id, 600, 10, 10, 60, 30, 100, 0, 0, 0, 400, 390, 810, 0
         FROM generate_series(%(first)s::date, %(last)s::date + interval '23 hours', interval '1 hour') h,
              service s""",
    """INSERT INTO attribution_window (cluster_id, hour, version, attempts, last_error)
       SELECT c, h, 1, 0, ''
         FROM generate_series(%(first)s::date, %(last)s::date + interval '23 hours', interval '1 hour') h,
              unnest(ARRAY[0, %(cluster)s]) c""",
)

if __name__ == "__main__":
    sys.exit(main())
