"""Every name that a row uses is declared in the same file."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from attribution.domain.requirement import read_requirement
from ingest.fleet.mistakes import Mistake
from ingest.fleet.parse import Fleet
from ingest.fleet.similar import one_of
from ingest.fleet.spec import (
    Cluster,
    CompatibilityRule,
    Distribution,
    Entitlement,
    Pool,
    Price,
    Provider,
    Region,
    Release,
    Reserve,
    Residency,
    ResidencyRule,
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
    ResidencyRule: {"tenant": Tenant, "service": Service},
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
    yield from _residency(fleet)
    yield from _compatibility(fleet)
    yield from _weights(fleet, names[Tenant])
    yield from _circles(fleet)


def _regions(fleet: Fleet) -> Iterator[Mistake]:
    regions = {region.key for region in fleet.of(Region)}
    for cluster in fleet.of(Cluster):
        if cluster.provider and cluster.region and (cluster.provider, cluster.region) not in regions:
            own = [name for provider, name in regions if provider == cluster.provider]
            expected = f"a region of {cluster.provider}, {one_of(own, cluster.region)}"
            yield cluster.place.mistake("region", expected, f'"{cluster.region}"')


def _residency(fleet: Fleet) -> Iterator[Mistake]:
    regions = {"/".join(region.key) for region in fleet.of(Region)}
    zones = {region.residency_zone for region in fleet.of(Region)}
    for rule in fleet.of(ResidencyRule):
        for name in rule.regions:
            if name not in regions:
                expected = f"provider/region, {one_of(regions, name)}"
                yield rule.place.mistake("regions", expected, f'"{name}"')
        for name in rule.zones:
            if name not in zones:
                expected = f"a residency zone of a region, {one_of(zones, name)}"
                yield rule.place.mistake("zones", expected, f'"{name}"')


def _compatibility(fleet: Fleet) -> Iterator[Mistake]:
    """Accelerators of some pool, runtimes of some service, models that some service declares."""
    accelerators = {pool.accelerator for pool in fleet.of(Pool)}
    known = {
        "runtime": {service.runtime for service in fleet.of(Service)} - {""},
        "model": {release.model for release in fleet.of(Release)},
    }
    for rule in fleet.of(CompatibilityRule):
        for glob in rule.accelerators:
            if not any(fnmatchcase(one, glob) for one in accelerators):
                expected = f"globs on accelerators of pools, {one_of(accelerators, glob)}"
                yield rule.place.mistake("accelerators", expected, f'"{glob}"')
        for key, given in (("when", rule.when), ("needs", rule.needs)):
            for part, names in known.items():
                name = read_requirement(part, given[part]).name if part in given else None
                if name is not None and name not in names:
                    of = "of a service" if part == "runtime" else "that a service declares"
                    yield rule.place.mistake(key, f"a {part} {of}, {one_of(names, name)}", f'"{name}"')


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
