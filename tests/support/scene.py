"""A ledger to look at: ten days of March 2026 and of February before it, one cluster, some tenants."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from attribution.models import Tenant
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
