"""Where the machines of a pool stand."""

from typing import NamedTuple

from attribution.models.pool import Pool
from attribution.models.region import Region


class Placement(NamedTuple):
    """Provider, region and its residency zone, "" where none is declared."""

    provider: str
    region: str
    zone: str


def regions() -> list[tuple[str, str]]:
    """All declared regions as `provider/region`, each with its residency zone."""
    rows = Region.objects.values_list("provider__name", "name", "residency_zone").order_by(
        "provider__name", "name"
    )
    return [(f"{provider}/{name}", zone) for provider, name, zone in rows]


def placement_of(pool: str) -> Placement | None:
    """Of a pool by its `cluster/pool`; None where nobody has declared it."""
    cluster, _, name = pool.partition("/")
    found = Pool.objects.filter(cluster__name=cluster, name=name).values_list(
        "cluster__region__provider__name", "cluster__region__name", "cluster__region__residency_zone"
    )
    return next((Placement(*row) for row in found), None)
