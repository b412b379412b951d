"""Rows become rows of tables: names are looked up, and what is not there yet has been written before."""

from collections.abc import Callable
from typing import Any

from django.db import models as fields
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution import models
from attribution.domain.money import to_nano
from attribution.operations.interning import intern_models, intern_nodes
from ingest.fleet import spec
from ingest.fleet.diff import Change, Verb
from ingest.models import Connection


class Ids:
    """Ids by name, asked from the database once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[fields.Model], str], int] = {}

    def of(self, model: type[fields.Model], name: str | None, /, **where: Any) -> int | None:
        """The id of what has this name; None for no name."""
        if name is None:
            return None
        if (key := (model, name)) not in self._known:
            found = model._default_manager.get(**(where or {"name": name}))
            self._known[key] = int(found.pk)
        return self._known[key]

    def cluster(self, name: str | None) -> int | None:
        """A cluster's id."""
        return self.of(models.Cluster, name)

    def tenant(self, name: str | None) -> int | None:
        """A tenant's id."""
        return self.of(models.Tenant, name)

    def service(self, name: str | None) -> int | None:
        """A service's id."""
        return self.of(models.Service, name)

    def pool(self, name: str | None) -> int | None:
        """A pool's id, by "cluster/pool"."""
        cluster, _, pool = (name or "").partition("/")
        return self.of(models.Pool, name, cluster__name=cluster, name=pool)

    def region(self, provider: str, name: str) -> int | None:
        """A region's id."""
        return self.of(models.Region, f"{provider}/{name}", provider__name=provider, name=name)


def write(change: Change, ids: Ids) -> None:
    """Add, change or remove one row."""
    if change.kind in _SPECIAL:
        _SPECIAL[change.kind](change, ids)
        return
    model, columns = _TABLES[change.kind]
    if change.new is None:
        if change.old is not None:
            model._default_manager.filter(pk=change.old.pk).delete()
    elif change.old is None:
        model._default_manager.create(**columns(change.new, ids))
    else:
        model._default_manager.filter(pk=change.old.pk).update(**columns(change.new, ids))


def unsaved(row: spec.Ruled, ids: Ids, pk: int) -> fields.Model:
    """The row of a table as it would be written, with an id made up."""
    model, columns = _TABLES[type(row)]
    return model(pk=pk, **columns(row, ids))


def valid_span(row: spec.Ruled) -> DateTimeTZRange:
    """When a rule holds, as its table has it."""
    return DateTimeTZRange(row.start, row.end, "()" if row.start is None else "[)")


def _organization(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "id": 1,
        "name": row.name,
        "currency": row.currency,
        "reporting_time_zone": row.reporting_time_zone,
        "unallocated_target": row.unallocated_target,
    }


def _provider(row: Any, ids: Ids) -> dict[str, Any]:
    return {"name": row.name}


def _region(row: Any, ids: Ids) -> dict[str, Any]:
    provider = ids.of(models.Provider, row.provider)
    return {"provider_id": provider, "name": row.name, "residency_zone": row.residency_zone}


def _cluster(row: Any, ids: Ids) -> dict[str, Any]:
    region = ids.region(row.provider, row.region)
    return {"name": row.name, "region_id": region, "control_model": row.control_model}


def _pool(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "cluster_id": ids.cluster(row.cluster),
        "name": row.name,
        "accelerator": row.accelerator,
        "purpose": row.purpose,
        "upgrade_ring": row.upgrade_ring,
        "nodes": list(row.nodes),
        "device_models": list(row.device_models),
        "devices_per_node": row.devices_per_node,
        "busy_floor": row.busy_floor,
        "sharing": row.sharing,
        "replicas": row.replicas,
    }


def _price_book(row: Any, ids: Ids) -> dict[str, Any]:
    return {"name": row.name, "currency": row.currency, "origin": row.origin}


def _price(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "book_id": ids.of(models.PriceBook, row.book),
        "pool_id": ids.pool(row.pool),
        "rate_nano": to_nano(row.per_device_hour),
        "valid": valid_span(row),
    }


def _service(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "name": row.name,
        "runtime": row.runtime,
        "tenant_id": ids.tenant(row.tenant),
        "weight_input": row.weight_input,
        "weight_cached": row.weight_cached,
        "weight_output": row.weight_output,
    }


def _service_rule(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "service_id": ids.service(row.service),
        "cluster_id": ids.cluster(row.cluster),
        "kind": row.kind,
        "pattern": row.pattern,
        "priority": row.priority,
        "valid": valid_span(row),
    }


def _release(row: Any, ids: Ids) -> dict[str, Any]:
    (model,) = intern_models([row.model])
    return {
        "model_id": model,
        "service_id": ids.service(row.service),
        "version": row.version,
        "artifact_digest": row.artifact_digest,
    }


def _reserve(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "pool_id": ids.pool(row.pool),
        "service_id": ids.service(row.service),
        "kind": row.kind,
        "devices": row.devices,
        "valid": valid_span(row),
    }


def _tenant_rule(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "pattern": row.pattern,
        "tenant_id": ids.tenant(row.tenant),
        "create_under_id": ids.tenant(row.create_under),
        "name_template": row.name_template,
        "priority": row.priority,
        "valid": valid_span(row),
    }


def _entitlement(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "tenant_id": ids.tenant(row.tenant),
        "pool_id": ids.pool(row.pool),
        "service_id": ids.service(row.service),
        "quota": row.quota,
        "valid": valid_span(row),
    }


def _distribution(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "use": row.use,
        "pool_id": ids.pool(row.pool),
        "service_id": ids.service(row.service),
        "method": row.method,
        "weights": row.weights,
        "owner_id": ids.tenant(row.owner),
        "valid": valid_span(row),
    }


def _residency(row: Any, ids: Ids) -> dict[str, Any]:
    (model,) = intern_models([row.model])
    return {
        "model_id": model,
        "cluster_id": ids.cluster(row.cluster),
        "service_id": ids.service(row.service),
        "gibibytes": row.gibibytes,
        "copies": row.copies,
        "valid": valid_span(row),
    }


def _rate(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "base": row.base,
        "quote": row.quote,
        "rate": row.rate,
        "origin": row.origin,
        "dated": row.dated,
        "valid": valid_span(row),
    }


def _residency_rule(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "name": row.name,
        "tenant_id": ids.tenant(row.tenant),
        "service_id": ids.service(row.service),
        "regions": list(row.regions),
        "zones": list(row.zones),
        "text": row.text,
        "source": row.source,
        "valid": valid_span(row),
    }


def _compatibility_rule(row: Any, ids: Ids) -> dict[str, Any]:
    return {
        "name": row.name,
        "when": row.when,
        "needs": row.needs,
        "accelerators": list(row.accelerators),
        "text": row.text,
        "source": row.source,
        "valid": valid_span(row),
    }


def _write_node(change: Change, ids: Ids) -> None:
    """A node may be known from telemetry already; one that is declared no more keeps what was seen."""
    row: Any = change.row
    (node,) = intern_nodes(ids.cluster(row.cluster) or 0, [row.name])
    models.Node.objects.filter(pk=node).update(declared=change.verb is not Verb.REMOVE)


def _write_tenant(change: Change, ids: Ids) -> None:
    """A tenant that a rule has found becomes a declared one. Parents and paths are write_tenants' matter."""
    row: Any = change.row
    models.Tenant.objects.update_or_create(
        name=row.name, defaults={"cost_centre": row.cost_centre, "owner": row.owner, "found": False}
    )


def _write_source(change: Change, ids: Ids) -> None:
    row: Any = change.row
    source, _ = models.Source.objects.update_or_create(
        name=row.name,
        defaults={
            "kind": row.kind,
            "cluster_id": ids.cluster(row.cluster),
            "provider_id": ids.of(models.Provider, row.provider),
            "active": row.active,
        },
    )
    Connection.objects.update_or_create(
        source=source,
        defaults={
            "settings": row.settings,
            "signals": list(row.signals),
            "scrape_interval_seconds": row.scrape_interval,
        },
    )


_TABLES: dict[type[spec.Row], tuple[type[fields.Model], Callable[[Any, Ids], dict[str, Any]]]] = {
    spec.Organization: (models.Organization, _organization),
    spec.Provider: (models.Provider, _provider),
    spec.Region: (models.Region, _region),
    spec.Cluster: (models.Cluster, _cluster),
    spec.Pool: (models.Pool, _pool),
    spec.PriceBook: (models.PriceBook, _price_book),
    spec.Price: (models.Price, _price),
    spec.Service: (models.Service, _service),
    spec.ServiceRule: (models.ServiceRule, _service_rule),
    spec.Release: (models.ModelRelease, _release),
    spec.Reserve: (models.Reserve, _reserve),
    spec.TenantRule: (models.TenantRule, _tenant_rule),
    spec.Entitlement: (models.Entitlement, _entitlement),
    spec.Distribution: (models.DistributionRule, _distribution),
    spec.Residency: (models.Residency, _residency),
    spec.Rate: (models.ExchangeRate, _rate),
    spec.ResidencyRule: (models.ResidencyRule, _residency_rule),
    spec.CompatibilityRule: (models.CompatibilityRule, _compatibility_rule),
}
_SPECIAL: dict[type[spec.Row], Callable[[Change, Ids], None]] = {
    spec.DeclaredNode: _write_node,
    spec.Tenant: _write_tenant,
    spec.Source: _write_source,
}
