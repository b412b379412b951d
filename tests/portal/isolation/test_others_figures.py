"""Other tenants' figures grow, and nothing that a tenant's lead reads moves by a byte."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from attribution.models import Cluster, Entitlement, Pool, Service, ServiceRule, Source, Tenant
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_usage import UsageRow, record_usage
from attribution.operations.replace_bill import Charge, replace_bill
from portal.accounts.models import Role, ServiceToken
from tests.portal.isolation.test_foreign import Answer, answer
from tests.portal.isolation.test_matrix import DOORS, Asker, address, program, reader
from tests.support.fleet import Fleet, devices_hour, price, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 4, 8, tzinfo=UTC)
HOURS = [START + timedelta(hours=hour) for hour in range(4)]
DAY = "from=2026-03-04&to=2026-03-05"
# What is of the whole product, and moves with everybody's figures. Nothing else may.
MOVES = (
    # An explanation is pinned to a moment, a snapshot of the database, and a hash over the versions of all
    # windows of its range: whoever has it is shown, by the policies, what of these versions is theirs.
    re.compile(rb'"(?:as_of|seen|pin)":"[^"]*"'),
    re.compile(rb"open, as of [^<]* UTC"),
    # How many such windows there are. Which hours exist is everybody's to know, as freshness is: see
    # attribution_window in portal/isolation/tables.py.
    re.compile(rb'"windows":\d+'),
    re.compile(rb"<dt>Cluster-hours</dt>\s*<dd>[\d,]+</dd>"),
    re.compile(rb"[\d,]+ cluster-hours, [0-9a-f]{16}"),
)
# Not others' doing: a token of one's own was used, by the asking itself.
LAST_USED = re.compile(rb'<td class="nowrap">(?:never|[^<]*\d\d:\d\d[^<]*)</td>')


@pytest.fixture
def fleet() -> Fleet:
    """Tenants a and b on one service of one cluster, all priced; everything is attributed."""
    made = small_fleet()
    price(made, 2 * 10**9)
    for hour in HOURS:
        devices_hour(made, hour, {"n1": {"busy": 0.9}, "n2": {}})
        requests_hour(made, hour, [{"tenant": name, "requests": 3} for name in ("a", "b")])
    attribute_range(HOURS[0], HOURS[-1] + timedelta(hours=1))
    return made


def grow(fleet: Fleet) -> None:
    """Devices, requests and a bill of b's and c's own, in hours that are known; attributed and rolled up."""
    cluster = Cluster.objects.create(
        name="far", region=fleet.cluster.region, control_model="managed_kubernetes"
    )
    service = Service.objects.create(name="elsewhere")
    ServiceRule.objects.create(service=service, kind="pod", pattern="ns/elsewhere-*")
    far = replace(
        fleet,
        cluster=cluster,
        service=service,
        pool=Pool.objects.create(
            cluster=cluster, name="h100", nodes=["f*"], device_models=["*"], accelerator="H100"
        ),
        telemetry=Source.objects.create(name="far telemetry", kind="prometheus", cluster=cluster),
        gateway=Source.objects.create(name="far gateway", kind="request_log"),
        bills=Source.objects.create(name="far bills", kind="focus", cluster=cluster),
    )
    for hour in HOURS[:3]:
        devices_hour(far, hour, {name: {"busy": 0.8, "pod": f"elsewhere-{name}"} for name in ("f1", "f2")})
        _requests(far, hour)
    _bill(far)
    attribute_range(HOURS[0], HOURS[-1] + timedelta(hours=1))
    Entitlement.objects.create(tenant=Tenant.objects.get(name="b"), pool=far.pool, quota=4)


def _requests(far: Fleet, hour: datetime) -> None:
    (service,), (model,) = intern_labels([("service", "elsewhere")]), intern_models(["secret-model"])
    rows = [
        UsageRow(hour, service, intern_labels([("tenant", name)])[0], model, "success", requests=count)
        for name, count in (("b", 700), ("c", 900))
    ]
    record_usage(
        source_id=far.gateway.pk, cluster_id=0, level="gateway", rows=rows,
        replace_hours=(hour, hour.replace(minute=59)),
    )  # fmt: skip


def _bill(far: Fleet) -> None:
    month = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    charge = Charge(
        1, "bill.csv", 2, HOURS[0], HOURS[3], "USD", 90, 90, None, None, charge_category="Usage",
        service_category="Compute", sku_meter="H100 node", resource_id="f1",
    )  # fmt: skip
    replace_bill(
        source_id=far.bills.pk, export="", period_start=month[0], period_end=month[1], content_hash=b"one",
        charges=[charge], files=[{"name": "bill.csv"}], rejected=0, imported_at=timezone.now(),
    )  # fmt: skip


def addresses(who: Asker) -> list[str]:
    """Everything that can be asked with GET, of the day with figures, as a page and as files."""
    found = []
    for route, door in DOORS.items():
        if door.open or (who.headers and not route.startswith("api/")):
            continue
        for query in {door.query, DAY, f"{DAY}&group_by=tenant,service,model", f"{DAY}&group=service"}:
            found += [f"{address(route)}?{query}{form}" for form in ("", "&format=csv")]
    return found


def asked(who: Asker) -> dict[str, Answer]:
    """Every answer, without what is of the whole product."""
    found = {}
    for path in addresses(who):
        status, headers, cookies, body = answer(who.client.get(path, headers=dict(who.headers)))
        for moves in (*MOVES, LAST_USED) if path.startswith("/tokens/") else MOVES:
            body = moves.sub(b"", body)
        found[path] = status, headers, cookies, body
    return found


def moved(before: dict[str, Answer], after: dict[str, Answer]) -> list[str]:
    """Addresses that answer something else than before."""
    return [path for path in before if before[path] != after[path]]


@pytest.fixture
def askers(fleet: Fleet) -> dict[str, Asker]:
    a = Tenant.objects.get(name="a")
    return {
        "lead": reader(Role.TENANT_LEAD, a),
        "token": program("read", "a"),
        "everybody's finance": reader(Role.FINANCE, None),
    }


def test_others_figures_never_move_mine(fleet: Fleet, askers: dict[str, Asker]) -> None:
    bound = {name: who for name, who in askers.items() if who.bound}
    before = {name: asked(who) for name, who in bound.items()}
    whole = asked(askers["everybody's finance"])
    grow(fleet)
    for name, who in bound.items():
        assert moved(before[name], asked(who)) == [], name
    # The twin: whoever sees the others does see them grow, at the same addresses.
    seen = {path.partition("?")[0] for path in moved(whole, asked(askers["everybody's finance"]))}
    assert {"/", "/api/v1/costs", "/api/v1/unit-costs", "/api/v1/explain", "/explain/"} <= seen
    assert ServiceToken.objects.filter(last_used_at__isnull=False).exists()
