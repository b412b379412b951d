"""Declared rules that plans are held against, by the names that plans use."""

from datetime import datetime
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.domain.requirement import Requirement, Together, read_requirement
from attribution.models.compatibility_rule import CompatibilityRule
from attribution.models.pool import Pool
from attribution.models.residency_rule import ResidencyRule
from attribution.models.tenant import Tenant


class StayRow(NamedTuple):
    """Data of a tenant and all below, or of a service, or of both together may be in these regions and zones.

    Regions are `provider/region`; `text` is the rule word for word and `source` where it stands.
    """

    name: str
    tenant: str | None
    service: str | None
    regions: tuple[str, ...]
    zones: tuple[str, ...]
    text: str
    source: str


class TogetherRow(NamedTuple):
    """What has to run together, and the rule's own words."""

    name: str
    rule: Together
    text: str
    source: str


def residency_rules(start: datetime, end: datetime | None) -> list[StayRow]:
    """Those that hold at some time of [start, end), by name; `end` None is without end."""
    found = ResidencyRule.objects.filter(valid__overlap=DateTimeTZRange(start, end))
    return [
        StayRow(
            rule.name,
            rule.tenant.name if rule.tenant else None,
            rule.service.name if rule.service else None,
            tuple(rule.regions),
            tuple(rule.zones),
            rule.text,
            rule.source,
        )
        for rule in found.select_related("tenant", "service").order_by("name", "valid")
    ]


def compatibility_rules(start: datetime, end: datetime | None) -> list[TogetherRow]:
    """Those that hold at some time of [start, end), by name; `end` None is without end."""
    found = CompatibilityRule.objects.filter(valid__overlap=DateTimeTZRange(start, end))
    return [
        TogetherRow(
            row.name,
            Together(_requirements(row.when), _requirements(row.needs), tuple(row.accelerators)),
            row.text,
            row.source,
        )
        for row in found.order_by("name", "valid")
    ]


def _requirements(given: dict[str, str]) -> tuple[Requirement, ...]:
    return tuple(read_requirement(part, text) for part, text in sorted(given.items()))


def tenants_above() -> dict[str, tuple[str, ...]]:
    """Every tenant with itself and those above it, by name, from the root down."""
    rows = list(Tenant.objects.values_list("pk", "name", "path"))
    names = {pk: name for pk, name, _ in rows}
    return {
        name: tuple(names[int(pk)] for pk in path.strip("/").split("/") if pk) or (name,)
        for _, name, path in rows
    }


def accelerators_of(pools: frozenset[str]) -> list[str]:
    """What pools (`cluster/pool`) are made of; nothing of a pool that nobody declared."""
    rows = Pool.objects.values_list("cluster__name", "name", "accelerator")
    return sorted({accelerator for cluster, name, accelerator in rows if f"{cluster}/{name}" in pools})
