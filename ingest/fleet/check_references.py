"""Every name that a row uses is declared in the same file."""

from collections.abc import Iterator

from ingest.fleet.mistakes import Mistake
from ingest.fleet.parse import Fleet
from ingest.fleet.similar import one_of
from ingest.fleet.spec import (
    Cluster,
    Distribution,
    Entitlement,
    Pool,
    Price,
    Provider,
    Region,
    Reserve,
    Residency,
    Row,
    Service,
    ServiceRule,
    Source,
    Tenant,
    TenantRule,
)

_REFERENCES: dict[type[Row], dict[str, type[Row]]] = {
    Region: {"provider": Provider},
    Cluster: {"provider": Provider},
    Pool: {"cluster": Cluster},
    Price: {"pool": Pool},
    Tenant: {"parent": Tenant},
    Service: {"tenant": Tenant},
    ServiceRule: {"cluster": Cluster},
    Reserve: {"pool": Pool, "service": Service},
    TenantRule: {"tenant": Tenant, "create_under": Tenant},
    Entitlement: {"tenant": Tenant, "pool": Pool, "service": Service},
    Distribution: {"pool": Pool, "service": Service, "owner": Tenant},
    Residency: {"cluster": Cluster, "service": Service},
    Source: {"cluster": Cluster, "provider": Provider},
}


def check_references(fleet: Fleet) -> Iterator[Mistake]:
    """A mistake for each name that nothing in the file has."""
    targets: tuple[type[Row], ...] = (Provider, Cluster, Pool, Tenant, Service)
    names = {kind: {"/".join(row.key) for row in fleet.of(kind)} for kind in targets}
    for kind, references in _REFERENCES.items():
        for row in fleet.of(kind):
            for key, target in references.items():
                name = getattr(row, key)
                # A blank has its own mistake already.
                if name is None or not name.strip("/") or name in names[target]:
                    continue
                yield row.place.mistake(key, f"a {target.NOUN}, {one_of(names[target], name)}", f'"{name}"')
    yield from _regions(fleet)
    yield from _weights(fleet, names[Tenant])
    yield from _circles(fleet)


def _regions(fleet: Fleet) -> Iterator[Mistake]:
    regions = {region.key for region in fleet.of(Region)}
    for cluster in fleet.of(Cluster):
        if cluster.provider and cluster.region and (cluster.provider, cluster.region) not in regions:
            own = [name for provider, name in regions if provider == cluster.provider]
            expected = f"a region of {cluster.provider}, {one_of(own, cluster.region)}"
            yield cluster.place.mistake("region", expected, f'"{cluster.region}"')


def _weights(fleet: Fleet, tenants: set[str]) -> Iterator[Mistake]:
    for rule in fleet.of(Distribution):
        for name in rule.weights:
            if name not in tenants:
                yield rule.place.mistake("weights", f"a tenant, {one_of(tenants, name)}", f'"{name}"')


def _circles(fleet: Fleet) -> Iterator[Mistake]:
    """A tenant that is above itself would have no path from the root."""
    parents = {tenant.name: tenant.parent for tenant in fleet.of(Tenant)}
    for tenant in fleet.of(Tenant):
        above, seen = tenant.parent, set[str]()
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if tenant.name in seen:
            yield tenant.place.mistake("parent", "a tenant that is not below this one", f'"{tenant.parent}"')
