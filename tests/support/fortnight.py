"""A fortnight of figures on which changes are asked for, and those who ask and decide."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from attribution.models import Reserve, Tenant
from attribution.operations.attribute_windows import attribute_range
from portal.accounts.models import Role
from tests.support.fleet import Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.people import somebody


def fortnight() -> dict[str, Any]:
    """Ten devices, four of them without work, for two weeks; a lead a tenant, and who decides."""
    fleet = _figures()
    a, b = (Tenant.objects.get(name=name) for name in ("a", "b"))
    return {
        "fleet": fleet,
        "lead": somebody("lena", (Role.TENANT_LEAD, a)),
        "member": somebody("mia", (Role.TENANT_MEMBER, b)),
        "other": somebody("ben", (Role.TENANT_LEAD, b)),
        "platform": somebody("pavel", Role.PLATFORM_OWNER),
        "finance": somebody("frida", Role.FINANCE),
        "operator": somebody("otto", Role.OPERATOR),
        "auditor": somebody("aude", Role.AUDITOR),
    }


def _figures() -> Fleet:
    fleet = small_fleet()
    price(fleet, 2 * 10**9)
    Reserve.objects.create(pool=fleet.pool, service=fleet.service, kind="warm", devices=1)
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [today - timedelta(days=day, hours=-12) for day in range(14, 0, -1)]
    hours += [today - timedelta(hours=1), today - timedelta(days=14)]
    for hour in hours:
        devices = {f"n{n}": {"busy": 0.9 if n < 6 else 0.0} for n in range(10)}
        devices_hour(fleet, hour, devices)
        requests_hour(fleet, hour, [{"tenant": "a", "requests": 3}, {"tenant": "b", "requests": 1}])
    attribute_range(today - timedelta(days=15), today)
    return fleet
