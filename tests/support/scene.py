"""A ledger to look at: ten days of March 2026 and of February before it, one cluster, some tenants."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model

from attribution.models import Tenant
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from portal.accounts.models import Membership
from tests.support.fleet import Fleet, small_fleet
from tests.support.ledger import USD, CostPool, Devices, Line, Used, publish_window

MARCH, FEBRUARY = 3, 2
DAYS = range(1, 11)


@dataclass
class Scene:
    """What `scene` made; tenants by name."""

    fleet: Fleet
    tenants: dict[str, Tenant]

    def day(self, month: int, day: int, hour: int = 12) -> datetime:
        return datetime(2026, month, day, hour, tzinfo=UTC)


def scene(names: tuple[str, ...] = ("checkout", "search", "<b>R&D</b>")) -> Scene:
    """March costs a tenth more than February, with as many requests for all but the first tenant."""
    fleet = small_fleet()
    tenants = {name: Tenant.objects.create(name=name, parent=fleet.holding) for name in names}
    for tenant in tenants.values():
        tenant.path = f"{fleet.holding.path}{tenant.pk}/"
        tenant.save()
    made = Scene(fleet, tenants)
    for month in (FEBRUARY, MARCH):
        for day in DAYS:
            publish_day(made, month, day)
    return made


def publish_day(made: Scene, month: int, day: int) -> None:
    """One window, at noon: serving, failed, idle by cause, egress, support, and what nobody held."""
    dearer = 11 if month == MARCH else 10
    service, pool = made.fleet.service.pk, made.fleet.pool.pk
    lines, used = [], []
    for place, tenant in enumerate(made.tenants.values(), 1):
        lines += [
            Line("serving", place * dearer * USD + day * USD // 3, tenant.pk, service),
            Line("serving_failed", place * USD // 7, tenant.pk, service),
            Line("warm_reserve", place * USD // 9, tenant.pk, service, basis="policy"),
        ]
        used.append(
            Used(
                1000 * place + (50 if month == MARCH and place == 1 else 0),
                990 * place,
                10,
                tenant.pk,
                service,
            )
        )
    lines += [
        Line("serving", USD // 2, None, service, reason="no tenant label"),
        Line("failover_reserve", 3 * USD, basis="policy"),
        Line("idle", 8 * USD + day * USD // 10),
        Line("unallocated", 4 * USD),
    ]
    tenant = next(iter(made.tenants.values())).pk
    pools = [
        CostPool(lines, pool=pool, estimated=month == MARCH),
        CostPool(
            [Line("transfer", 2 * USD, tenant, service, unit="bytes")],
            kind="egress",
            part="",
            estimated=False,
        ),
        CostPool([Line("shared", USD, unit="requests")], kind="platform", part="", estimated=False),
    ]
    minutes = {"serving": 300, "idle": 200, "warm_reserve": 60, "unallocated": 40}
    devices = [Devices(pool, service, minutes, sampled=580, busy=210.5, serving_busy=205.0)]
    publish_window(made.fleet.cluster.pk, made.day(month, day), pools, used, devices)


def person(name: str, role: str, tenant: Tenant | None = None) -> Any:
    """Somebody with a role."""
    user = get_user_model().objects.create_user(name, password="a long word", first_name=name.capitalize())
    Membership.objects.create(user=user, role=role, tenant=tenant)
    return user


def bill_of(made: Scene) -> None:
    """January's bill, in hours of its own: a node that nobody saw and a support fee; one row was rejected."""
    first, after = made.day(1, 1, 0), made.day(2, 1, 0)
    noon, one = made.day(1, 15), made.day(1, 15, 13)
    compute = {"charge_category": "Usage", "service_category": "Compute", "sku_meter": "A100 80GB node"}
    charges = [
        _charge(1, noon, one, "32.7726000001", resource_id="gpu-silent-7", **compute),
        _charge(2, noon, one, "1.5", charge_category="Purchase", service_name="Enterprise Support"),
    ]
    replace_bill(
        source_id=made.fleet.bills.pk,
        export="",
        period_start=first,
        period_end=after,
        content_hash=b"one",
        charges=charges,
        files=[{"name": "bill.csv"}],
        rejected=1,
        imported_at=made.day(2, 3),
    )
    attribute_range(first, after)


def _charge(number: int, start: datetime, end: datetime, cost: str, **facts: Any) -> Charge:
    amount = Decimal(cost)
    return Charge(number, "bill.csv", number + 1, start, end, "USD", amount, amount, None, None, **facts)
