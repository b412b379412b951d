"""What the database has of a fleet, as the same rows that the file gives."""

from collections.abc import Callable, Iterator

from attribution import models
from attribution.domain.money import from_nano
from ingest.fleet import spec
from ingest.fleet.spec import Stored
from ingest.models import Connection

Reader = Callable[[], Iterator[Stored]]


def stored_rows(kind: type[spec.Row]) -> dict[tuple[object, ...], Stored]:
    """The rows of a kind by key. Tenants that a rule has found are the rule's, not the file's."""
    return {stored.row.key: stored for stored in _READERS[kind]()}


def _pool(pool: models.Pool | None) -> str | None:
    return None if pool is None else f"{pool.cluster.name}/{pool.name}"


def _name(named: models.Service | models.Tenant | models.Cluster | models.Provider | None) -> str | None:
    return None if named is None else named.name


def _organizations() -> Iterator[Stored]:
    for row in models.Organization.objects.all():
        yield Stored(
            row.pk,
            spec.Organization(
                name=row.name,
                currency=row.currency,
                reporting_time_zone=row.reporting_time_zone,
                unallocated_target=row.unallocated_target,
            ),
        )


def _providers() -> Iterator[Stored]:
    for row in models.Provider.objects.all():
        yield Stored(row.pk, spec.Provider(name=row.name))


def _regions() -> Iterator[Stored]:
    for row in models.Region.objects.select_related("provider"):
        yield Stored(
            row.pk,
            spec.Region(provider=row.provider.name, name=row.name, residency_zone=row.residency_zone),
        )


def _clusters() -> Iterator[Stored]:
    for row in models.Cluster.objects.select_related("region__provider"):
        yield Stored(
            row.pk,
            spec.Cluster(
                name=row.name,
                provider=row.region.provider.name,
                region=row.region.name,
                control_model=row.control_model,
            ),
        )


def _pools() -> Iterator[Stored]:
    for row in models.Pool.objects.select_related("cluster"):
        yield Stored(
            row.pk,
            spec.Pool(
                cluster=row.cluster.name,
                name=row.name,
                accelerator=row.accelerator,
                purpose=row.purpose,
                upgrade_ring=row.upgrade_ring,
                nodes=tuple(row.nodes),
                device_models=tuple(row.device_models),
                devices_per_node=row.devices_per_node,
                busy_floor=row.busy_floor,
                sharing=row.sharing,
                replicas=row.replicas,
            ),
        )


def _nodes() -> Iterator[Stored]:
    for row in models.Node.objects.filter(declared=True).select_related("cluster"):
        yield Stored(row.pk, spec.DeclaredNode(cluster=row.cluster.name, name=row.name))


def _price_books() -> Iterator[Stored]:
    for row in models.PriceBook.objects.all():
        yield Stored(row.pk, spec.PriceBook(name=row.name, currency=row.currency, origin=row.origin))


def _prices() -> Iterator[Stored]:
    for row in models.Price.objects.select_related("book", "pool__cluster"):
        yield Stored(
            row.pk,
            spec.Price(
                pool=_pool(row.pool) or "",
                book=row.book.name,
                per_device_hour=from_nano(row.rate_nano),
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _tenants() -> Iterator[Stored]:
    for row in models.Tenant.objects.filter(found=False).select_related("parent"):
        yield Stored(
            row.pk,
            spec.Tenant(
                name=row.name, parent=_name(row.parent), cost_centre=row.cost_centre, owner=row.owner
            ),
        )


def _services() -> Iterator[Stored]:
    for row in models.Service.objects.select_related("tenant"):
        yield Stored(
            row.pk,
            spec.Service(
                name=row.name,
                runtime=row.runtime,
                tenant=_name(row.tenant),
                weight_input=row.weight_input,
                weight_cached=row.weight_cached,
                weight_output=row.weight_output,
            ),
        )


def _service_rules() -> Iterator[Stored]:
    for row in models.ServiceRule.objects.select_related("service", "cluster"):
        yield Stored(
            row.pk,
            spec.ServiceRule(
                cluster=_name(row.cluster),
                kind=row.kind,
                pattern=row.pattern,
                service=row.service.name,
                priority=row.priority,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _releases() -> Iterator[Stored]:
    for row in models.ModelRelease.objects.select_related("model", "service"):
        yield Stored(
            row.pk,
            spec.Release(
                model=row.model.name,
                version=row.version,
                service=_name(row.service),
                artifact_digest=row.artifact_digest,
            ),
        )


def _reserves() -> Iterator[Stored]:
    for row in models.Reserve.objects.select_related("pool__cluster", "service"):
        yield Stored(
            row.pk,
            spec.Reserve(
                pool=_pool(row.pool) or "",
                service=_name(row.service),
                kind=row.kind,
                devices=row.devices,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _tenant_rules() -> Iterator[Stored]:
    for row in models.TenantRule.objects.select_related("tenant", "create_under"):
        yield Stored(
            row.pk,
            spec.TenantRule(
                kind=row.kind,
                pattern=row.pattern,
                tenant=_name(row.tenant),
                create_under=_name(row.create_under),
                name_template=row.name_template,
                priority=row.priority,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _entitlements() -> Iterator[Stored]:
    for row in models.Entitlement.objects.select_related("tenant", "pool__cluster", "service"):
        yield Stored(
            row.pk,
            spec.Entitlement(
                tenant=row.tenant.name,
                pool=_pool(row.pool),
                service=_name(row.service),
                quota=row.quota,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _distributions() -> Iterator[Stored]:
    for row in models.DistributionRule.objects.select_related("pool__cluster", "service", "owner"):
        yield Stored(
            row.pk,
            spec.Distribution(
                use=row.use,
                pool=_pool(row.pool),
                service=_name(row.service),
                method=row.method,
                weights=row.weights,
                owner=_name(row.owner),
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _residencies() -> Iterator[Stored]:
    for row in models.Residency.objects.select_related("model", "cluster", "service"):
        yield Stored(
            row.pk,
            spec.Residency(
                model=row.model.name,
                cluster=_name(row.cluster),
                service=_name(row.service),
                gibibytes=row.gibibytes,
                copies=row.copies,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _rates() -> Iterator[Stored]:
    for row in models.ExchangeRate.objects.all():
        yield Stored(
            row.pk,
            spec.Rate(
                base=row.base,
                quote=row.quote,
                rate=row.rate,
                origin=row.origin,
                dated=row.dated,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _residency_rules() -> Iterator[Stored]:
    for row in models.ResidencyRule.objects.select_related("tenant", "service"):
        yield Stored(
            row.pk,
            spec.ResidencyRule(
                name=row.name,
                tenant=_name(row.tenant),
                service=_name(row.service),
                regions=tuple(row.regions),
                zones=tuple(row.zones),
                text=row.text,
                source=row.source,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _compatibility_rules() -> Iterator[Stored]:
    for row in models.CompatibilityRule.objects.all():
        yield Stored(
            row.pk,
            spec.CompatibilityRule(
                name=row.name,
                when=row.when,
                needs=row.needs,
                accelerators=tuple(row.accelerators),
                text=row.text,
                source=row.source,
                start=row.valid.lower,
                end=row.valid.upper,
            ),
        )


def _sources() -> Iterator[Stored]:
    connections = {connection.source_id: connection for connection in Connection.objects.all()}
    for row in models.Source.objects.select_related("cluster", "provider"):
        connection = connections.get(row.pk, Connection())
        yield Stored(
            row.pk,
            spec.Source(
                name=row.name,
                kind=row.kind,
                cluster=_name(row.cluster),
                provider=_name(row.provider),
                settings=connection.settings,
                signals=tuple(connection.signals),
                scrape_interval=connection.scrape_interval_seconds,
                active=row.active,
            ),
        )


_READERS: dict[type[spec.Row], Reader] = {
    spec.Organization: _organizations,
    spec.Provider: _providers,
    spec.Region: _regions,
    spec.Cluster: _clusters,
    spec.Pool: _pools,
    spec.DeclaredNode: _nodes,
    spec.PriceBook: _price_books,
    spec.Price: _prices,
    spec.Tenant: _tenants,
    spec.Service: _services,
    spec.ServiceRule: _service_rules,
    spec.Release: _releases,
    spec.Reserve: _reserves,
    spec.TenantRule: _tenant_rules,
    spec.Entitlement: _entitlements,
    spec.Distribution: _distributions,
    spec.Residency: _residencies,
    spec.Rate: _rates,
    spec.ResidencyRule: _residency_rules,
    spec.CompatibilityRule: _compatibility_rules,
    spec.Source: _sources,
}
