"""Ids to names and back. Id 0 is "none" and has the name None."""

from collections.abc import Iterable, Mapping

from django.db.models.expressions import RawSQL

from attribution.models.cluster import Cluster
from attribution.models.pool import Pool
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.models.tenant import Tenant
from attribution.queries.dimensions import NAMED
from attribution.queries.scope import TenantScope, subtree_ids
from attribution.sql import array_of, statement

_TABLES = {"tenant": Tenant, "service": Service, "model": ServedModel, "cluster": Cluster}


def names_of(dimension: str, only: Iterable[int] | RawSQL | None = None) -> dict[int, str]:
    """Names by id of a dimension of NAMED, all or some. A pool is `cluster/pool`: its own is not unique."""
    chosen = {} if only is None else {"pk__in": only}
    if dimension == "pool":
        rows = Pool.objects.filter(**chosen).values_list("pk", "cluster__name", "name")
        return {pk: f"{cluster}/{name}" for pk, cluster, name in rows}
    return dict(_TABLES[dimension]._default_manager.filter(**chosen).values_list("pk", "name"))


def visible_names(dimension: str, scope: TenantScope) -> dict[int, str]:
    """Names that a reader may know: a bound one knows its tenants, and what its own lines name.

    Raises ValueError for a dimension without names.
    """
    if dimension not in NAMED:
        raise ValueError(f"{dimension} has no names")
    tenants = scope.tenant_ids()
    if tenants is None:
        return names_of(dimension)
    if dimension == "tenant":
        return names_of(dimension, tenants)
    # Raw SQL is a file of ours, its values are parameters.
    return names_of(dimension, RawSQL(statement("named_in_lines"), [array_of(tenants), dimension]))  # noqa: S611


def matching_ids(dimension: str, name: str, known: Mapping[int, str]) -> frozenset[int]:
    """Ids that a filter's name means among `known` names; empty when nothing has that name.

    The empty name means "none". A tenant's name means all that is below it too; a pool may go by its own
    name or as `cluster/pool`.
    """
    if name == "":
        return frozenset({0})
    found = frozenset(
        pk
        for pk, full in known.items()
        if full == name or (dimension == "pool" and full.partition("/")[2] == name)
    )
    return subtree_ids(found) if found and dimension == "tenant" else found


def tenant_id_named(name: str) -> int | None:
    """The id of a tenant; None when there is none of that name."""
    return Tenant.objects.filter(name=name).values_list("pk", flat=True).first()
