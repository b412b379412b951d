"""Usage labels become services and tenants, and services' usage becomes work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from attribution.domain.joint_key import joint_key
from attribution.domain.ledger import Int64, Transfer, Work
from attribution.domain.placement import NameRule, target_of
from attribution.domain.work import ServedRows, policy_work, works_of
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.models.tenant_rule import TenantRule
from attribution.models.token_coefficients import TokenCoefficients
from attribution.operations.proposal import Proposed
from attribution.operations.resolve_labels import TenantResolver
from attribution.operations.token_weights import TokenWeights
from attribution.queries.providers import providers_of_clusters
from attribution.queries.rules import ServiceRules
from attribution.queries.service_names import ServiceNames
from attribution.queries.usage import TransferFact, UsageFacts

Rules = tuple[tuple[NameRule, ...], tuple[TenantRule, ...]]


@dataclass(frozen=True)
class Resolved:
    """Usage with services and tenants; `own` are the rows that this cluster publishes."""

    rows: ServedRows
    own: ServedRows
    transfers: Mapping[int, Sequence[Transfer]]
    # The one model that a service's engines name, by (hour index, service id).
    engine_model: Mapping[tuple[int, int], int]


def resolve_usage(
    cluster_id: int,
    hours: Sequence[datetime],
    usage: UsageFacts,
    transfers: Sequence[TransferFact],
    services: Mapping[int, Service],
    *,
    create_tenants: bool = True,
) -> Resolved:
    """Find the service and tenant of every usage fact and transfer by the rules of its hour.

    Where a gateway and an engine both count a service in an hour, the gateway's rows are taken: they know
    the tenant. A request without a tenant at one tenant's own service is that tenant's.
    """
    pods = {fact.pod_label_id for fact in transfers}
    label_ids = {*usage.service_label_id.tolist(), *usage.tenant_label_id.tolist(), *pods}
    tenants = TenantResolver(label_ids, create=create_tenants)
    models = ServedModel.objects.filter(pk__in=np.unique(usage.model_id).tolist())
    names = ServiceNames(
        tenants.labels,
        dict(models.values_list("pk", "name")),
        {service.name: service.pk for service in services.values()},
    )
    rules, by_hour = ServiceRules(), _places(usage.hour, len(hours))
    service, tenant = np.zeros_like(usage.hour), np.zeros_like(usage.hour)
    sent = _by_hour(transfers, hours)
    moved: dict[int, list[Transfer]] = {}
    providers = providers_of_clusters() if cluster_id == 0 and transfers else {}
    for (service_rules, tenant_rules), places in _by_rules(hours, rules, tenants):
        tenants.create_ahead(tenant_rules)
        here = np.concatenate([by_hour[place] for place in places])
        service[here] = _services(usage, here, cluster_id, service_rules, names)
        tenant[here] = _tenants(usage.tenant_label_id[here], tenants, tenant_rules)
        for place in places:
            moved[place] = [
                _transfer(fact, providers, service_rules, tenants, tenant_rules) for fact in sent[place]
            ]
    owners = {service_id: row.tenant_id or 0 for service_id, row in services.items()} | {0: 0}
    tenant = np.where(tenant == 0, _translate(service, owners), tenant)
    rows = ServedRows(usage.hour, service, tenant, usage.model_id, usage.outcome, usage.measures)
    taken = ~usage.engine | ~_has_gateway(usage, service)
    own = taken & (usage.cluster_id == cluster_id)
    return Resolved(rows.only(taken), rows.only(own), moved, _engine_models(rows.only(usage.engine)))


def _by_rules(
    hours: Sequence[datetime], rules: ServiceRules, tenants: TenantResolver
) -> Iterable[tuple[Rules, list[int]]]:
    """Indices of hours that go by the same rules: most ranges have one set of them."""
    found: dict[Rules, list[int]] = {}
    for place, hour in enumerate(hours):
        found.setdefault((rules.at(hour), tenants.rules_at(hour)), []).append(place)
    return found.items()


def _by_hour(transfers: Sequence[TransferFact], hours: Sequence[datetime]) -> list[list[TransferFact]]:
    by: dict[datetime, list[TransferFact]] = {hour: [] for hour in hours}
    for fact in transfers:
        by[fact.hour].append(fact)
    return list(by.values())


def _engine_models(rows: ServedRows) -> dict[tuple[int, int], int]:
    """Where engines name one model of a service: gateways may call it what they like."""
    first = np.unique(joint_key(rows.hour, rows.service, rows.model), return_index=True)[1]
    found: dict[tuple[int, int], list[int]] = {}
    for place in first[rows.model[first] > 0].tolist():
        found.setdefault((int(rows.hour[place]), int(rows.service[place])), []).append(int(rows.model[place]))
    return {cell: models[0] for cell, models in found.items() if len(models) == 1}


def _places(hour: Int64, count: int) -> list[Int64]:
    """The rows of each hour; rows are sorted by hour."""
    return np.split(np.arange(len(hour)), np.searchsorted(hour, np.arange(1, count)))


def _translate(values: Int64, table: Mapping[int, int]) -> Int64:
    unique, place = np.unique(values, return_inverse=True)
    translated: Int64 = np.array([table.get(int(value), 0) for value in unique], dtype=np.int64)[place]
    return translated


def _services(
    usage: UsageFacts, here: Int64, cluster_id: int, rules: tuple[NameRule, ...], names: ServiceNames
) -> Int64:
    label, model = usage.service_label_id[here], usage.model_id[here]
    _, first, place = np.unique(joint_key(label, model), return_index=True, return_inverse=True)
    found = [names.service_of(int(label[one]), int(model[one]), cluster_id, rules) for one in first]
    services: Int64 = np.array(found, dtype=np.int64)[place]
    return services


def _tenants(labels: Int64, tenants: TenantResolver, rules: tuple[TenantRule, ...]) -> Int64:
    table = {int(label): tenants.tenant(rules, int(label)) for label in np.unique(labels)}
    return _translate(labels, table)


def _has_gateway(usage: UsageFacts, service: Int64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    cell = usage.hour * (int(service.max(initial=0)) + 1) + service
    return np.isin(cell, np.unique(cell[~usage.engine]))


def _transfer(
    fact: TransferFact,
    providers: Mapping[int, int],
    rules: tuple[NameRule, ...],
    tenants: TenantResolver,
    tenant_rules: tuple[TenantRule, ...],
) -> Transfer:
    label = tenants.labels.get(fact.pod_label_id)
    pod = label.value if label else ""
    service = target_of(rules, fact.cluster_id, "pod", pod)
    tenant = 0
    if not service:
        tenant = tenants.tenant_named(tenant_rules, "namespace", pod.partition("/")[0])
    return Transfer(fact.transfer_class, service, tenant, fact.bytes, providers.get(fact.cluster_id, 0))


def service_work(
    hours: Sequence[datetime],
    resolved: Resolved,
    services: Mapping[int, Service],
    accelerators: Mapping[tuple[int, int], str],
    fits: Sequence[Proposed[TokenCoefficients]] = (),
) -> dict[tuple[int, int], Work]:
    """Work by (hour index, service id); one tenant's own service without requests is that tenant's.

    `accelerators` are those that each service ran on, by the same key; `fits` are proposed.
    """
    weights = TokenWeights(hours, services, accelerators, resolved.engine_model, fits)
    work = works_of(resolved.rows, weights.of)
    for service in services.values():
        if service.tenant_id is None:
            continue
        for place in range(len(hours)):
            if (place, service.pk) not in work:
                work[(place, service.pk)] = policy_work(service.tenant_id, "one tenant's own service")
    return work
