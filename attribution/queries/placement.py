"""Where the machines of a pool stand."""

from typing import NamedTuple

from attribution.models.pool import Pool


class Placement(NamedTuple):
    """Provider, region and its residency zone, "" where none is declared."""

    provider: str
    region: str
    zone: str


def placement_of(pool: str) -> Placement | None:
    """Of a pool by its `cluster/pool`; None where nobody has declared it."""
    cluster, _, name = pool.partition("/")
    found = Pool.objects.filter(cluster__name=cluster, name=name).values_list(
        "cluster__region__provider__name", "cluster__region__name", "cluster__region__residency_zone"
    )
    return next((Placement(*row) for row in found), None)
