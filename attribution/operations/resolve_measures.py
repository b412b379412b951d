"""Counts beside requests become counts of services and tenants, by the rules of their hour."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from attribution.domain.evidence import GIBIBYTE, Measured
from attribution.models.residency import Residency
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.operations.resolve_labels import TenantResolver
from attribution.queries.measures import MeasureFact, measures_of
from attribution.queries.providers import providers_of_clusters
from attribution.queries.rules import ServiceRules
from attribution.queries.service_names import ServiceNames


def resolve_measures(
    cluster_id: int,
    hours: Sequence[datetime],
    services: Mapping[int, Service],
    *,
    create_tenants: bool = True,
) -> dict[int, list[Measured]]:
    """Counts by hour index; where nobody measured what lies in storage, what is declared to.

    What a cluster counted itself comes before what belongs to no cluster; cluster 0 takes all of it.
    """
    place = {hour: index for index, hour in enumerate(hours)}
    providers = providers_of_clusters() if cluster_id == 0 else {}
    found: dict[int, list[Measured]] = defaultdict(list)
    facts = _own_first(cluster_id, measures_of(cluster_id, hours))
    seen = {place[fact.hour] for fact in facts if fact.what == "artifact_bytes"}
    for index, row in _declared(cluster_id, hours, providers):
        if index not in seen:
            found[index].append(row)
    if not facts:
        return found
    label_ids = {label for fact in facts for label in (fact.service_label_id, fact.tenant_label_id)}
    tenants = TenantResolver(label_ids, create=create_tenants)
    models = ServedModel.objects.filter(pk__in={fact.model_id for fact in facts})
    by_name = {service.name: service.pk for service in services.values()}
    names, rules = (
        ServiceNames(tenants.labels, dict(models.values_list("pk", "name")), by_name),
        ServiceRules(),
    )
    for hour in sorted({fact.hour for fact in facts}):
        tenants.create_ahead(tenants.rules_at(hour))
    for fact in facts:
        labels = (fact.service_label_id, fact.model_id)
        service = names.service_of(*labels, fact.cluster_id, rules.at(fact.hour)) if labels[0] else 0
        owner = services[service].tenant_id if service else None
        tenant = _tenant(fact, tenants, service) or owner or 0
        provider = providers.get(fact.cluster_id, 0)
        found[place[fact.hour]].append(
            Measured(fact.what, service, tenant, fact.model_id, fact.quantity, provider)
        )
    return found


def _own_first(cluster_id: int, facts: Iterable[MeasureFact]) -> list[MeasureFact]:
    facts = list(facts)
    if cluster_id == 0:
        return facts
    own = {(fact.hour, fact.what) for fact in facts if fact.cluster_id == cluster_id}
    return [fact for fact in facts if fact.cluster_id == cluster_id or (fact.hour, fact.what) not in own]


def _tenant(fact: MeasureFact, tenants: TenantResolver, service: int) -> int:
    """By the tenant that was named; of a pod of no service by its namespace."""
    rules = tenants.rules_at(fact.hour)
    if tenant := tenants.tenant(rules, fact.tenant_label_id):
        return tenant
    label = tenants.labels.get(fact.service_label_id)
    if service or label is None or label.kind != "pod":
        return 0
    return tenants.tenant_named(rules, "namespace", label.value.partition("/")[0])


def _declared(
    cluster_id: int, hours: Sequence[datetime], providers: Mapping[int, int]
) -> Iterable[tuple[int, Measured]]:
    """What is declared to lie in the cluster's storage: an hour of it, in bytes."""
    for row in Residency.objects.order_by("pk"):
        if cluster_id not in (0, row.cluster_id or 0):
            continue
        size = round(Decimal(GIBIBYTE) * row.gibibytes * row.copies)
        for index, hour in enumerate(hours):
            if row.holds_at(hour):
                provider = providers.get(row.cluster_id or 0, 0)
                yield index, Measured("artifact_bytes", row.service_id or 0, 0, row.model_id, size, provider)
