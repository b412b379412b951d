"""Microsoft: machines and bandwidth of the hybrid cluster; the last days have not been billed yet."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from portal.demo.bills.machines import machine
from portal.demo.bills.row import Payee, Row, days, months
from portal.demo.span import Span
from portal.demo.stories import late_from
from portal.demo.world import Group, World

PAYEE = Payee("Microsoft Azure", "Microsoft", "EA-7731905", "sub-inference-prod")
# Negotiated; the price book of the pool has the list rate a device.
ND_HOURLY = Decimal("53.8912")
_VM, _WEST = "Virtual Machines", "westeurope"


def azure_rows(world: World, span: Span) -> Iterator[Row]:
    """All charges of the days that have been billed."""
    late, group = late_from(span), world.group("ams-hybrid", "cloud-h100")
    more = {"ServiceName": _VM, "RegionId": _WEST, "SkuMeter": "ND96isr H100 v5"}
    for day in days(span, late):
        for node in group.nodes:
            yield machine(PAYEE, group, node, day, ND_HOURLY * group.devices_per_node / 8, more)
            yield _bandwidth(group, span, day, node.name, node.resource_id)
        yield _registry(day)
    for part in months(span, late):
        yield _support(part)


def _bandwidth(group: Group, span: Span, day: tuple[datetime, datetime], name: str, resource: str) -> Row:
    random = span.random("bandwidth", name, f"{day[0]:%Y%m%d}")
    sent = Decimal(f"{32 * group.devices_per_node * random.lognormal(0.0, 0.3):.6f}")
    return Row(
        PAYEE, *day, "Usage", "Bandwidth", "Networking", "Standard Data Transfer Out",
        sent * Decimal("0.0787"), quantity=sent, unit="GB", tags={"Name": name},
        more={"ResourceId": resource, "RegionId": _WEST, "SkuMeter": "Standard Data Transfer Out"},
    )  # fmt: skip


def _registry(day: tuple[datetime, datetime]) -> Row:
    return Row(
        PAYEE, *day, "Usage", "Storage", "Storage", "Premium SSD v2, model cache", Decimal("18.2016"),
        quantity=Decimal(24), unit="Hours",
        more={"ResourceId": "disk-models-chat-large", "ResourceName": "models-chat-large", "RegionId": _WEST},
    )  # fmt: skip


def _support(part: tuple[datetime, datetime]) -> Row:
    lasted = Decimal((part[1] - part[0]).days)
    return Row(
        PAYEE, *part, "Purchase", "Azure Support", "Other", "Professional Direct support",
        lasted * Decimal("33.3"), frequency="Recurring",
    )  # fmt: skip
