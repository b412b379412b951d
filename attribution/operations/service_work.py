"""Usage labels become services and tenants, and services' usage becomes work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from attribution.domain.ledger import Transfer, Work
from attribution.domain.placement import NameRule, target_of
from attribution.domain.tokens import Coefficients
from attribution.domain.usage import Outcome, UsageRow
from attribution.domain.work import ServedRow, policy_work, work_of
from attribution.models.label import Label
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.models.tenant_rule import TenantRule
from attribution.operations.resolve_labels import TenantResolver
from attribution.queries.rules import ServiceRules
from attribution.queries.usage import TransferFact, UsageFact

_COUNTS = {"success": "successes", "failed": "failures", "unfinished": "unfinished"}


@dataclass
class PublishedUsage:
    """Requests of an hour as the rules gave them to a service and a tenant; ids 0 are unknown."""

    hour: int
    service_id: int
    tenant_id: int
    model_id: int
    requests: int | None = None
    successes: int | None = None
    failures: int | None = None
    unfinished: int | None = None
    duration_us: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None

    def add(self, fact: UsageFact) -> None:
        """Count a fact in; what it does not know adds nothing and does not become zero."""
        for name in ("requests", "duration_us", "input_tokens", "cached_tokens", "output_tokens"):
            self._add(name, getattr(fact, name))
        self._add(_COUNTS[fact.outcome], fact.requests)

    def _add(self, name: str, value: int | None) -> None:
        if value is not None:
            setattr(self, name, (getattr(self, name) or 0) + value)


@dataclass
class Resolved:
    """Usage by (hour index, service id), transfers by hour index, and the usage this cluster publishes."""

    rows: dict[tuple[int, int], list[ServedRow]] = field(default_factory=lambda: defaultdict(list))
    transfers: dict[int, list[Transfer]] = field(default_factory=lambda: defaultdict(list))
    published: list[PublishedUsage] = field(default_factory=list)


class _Names(NamedTuple):
    labels: Mapping[int, Label]
    models: Mapping[int, str]
    service_by_name: Mapping[str, int]


def resolve_usage(
    cluster_id: int,
    hours: Sequence[datetime],
    usage: Sequence[UsageFact],
    transfers: Sequence[TransferFact],
    services: Mapping[int, Service],
) -> Resolved:
    """Find the service and tenant of every usage fact and transfer by the rules of its hour.

    Where a gateway and an engine both count a service in an hour, the gateway's rows are taken: they know
    the tenant. A request without a tenant at one tenant's own service is that tenant's.
    """
    label_ids = {fact.service_label_id for fact in usage} | {fact.tenant_label_id for fact in usage}
    tenants = TenantResolver(label_ids | {fact.pod_label_id for fact in transfers})
    names = _Names(
        tenants.labels,
        dict(ServedModel.objects.filter(pk__in={fact.model_id for fact in usage}).values_list("pk", "name")),
        {service.name: service.pk for service in services.values()},
    )
    service_rules, resolved = ServiceRules(), Resolved()
    by_hour: dict[datetime, list[UsageFact]] = defaultdict(list)
    for fact in usage:
        by_hour[fact.hour].append(fact)
    for place, hour in enumerate(hours):
        rules, tenant_rules = service_rules.at(hour), tenants.rules_at(hour)
        tenants.create_ahead(tenant_rules)
        found: dict[tuple[int, int], int] = {}
        facts = [(_service(fact, rules, names, found), fact) for fact in by_hour[hour]]
        with_gateway = {service for service, fact in facts if fact.level == "gateway"}
        published: dict[tuple[int, int, int], PublishedUsage] = {}
        for service_id, fact in facts:
            if fact.level == "engine" and service_id in with_gateway:
                continue
            tenant = tenants.tenant(tenant_rules, fact.tenant_label_id) or _owner(services, service_id)
            resolved.rows[(place, service_id)].append(ServedRow(tenant, fact.model_id, _row(fact)))
            if fact.cluster_id == cluster_id:
                key = (service_id, tenant, fact.model_id)
                published.setdefault(key, PublishedUsage(place, *key)).add(fact)
        resolved.published += [published[key] for key in sorted(published)]
        resolved.transfers[place] = [
            _transfer(cluster_id, fact, rules, tenants, tenant_rules)
            for fact in transfers
            if fact.hour == hour
        ]
    return resolved


def _owner(services: Mapping[int, Service], service_id: int) -> int:
    service = services.get(service_id)
    return (service.tenant_id or 0) if service else 0


def _row(fact: UsageFact) -> UsageRow:
    return UsageRow(
        outcome=Outcome(fact.outcome),
        requests=fact.requests,
        engine_us=fact.engine_us,
        input_tokens=fact.input_tokens,
        cached_tokens=fact.cached_tokens,
        output_tokens=fact.output_tokens,
        duration_us=fact.duration_us,
    )


def _service(
    fact: UsageFact, rules: tuple[NameRule, ...], names: _Names, found: dict[tuple[int, int], int]
) -> int:
    key = (fact.service_label_id, fact.model_id)
    if key not in found:
        label, model = names.labels.get(fact.service_label_id), names.models.get(fact.model_id, "")
        kind, value = (label.kind, label.value) if label else ("", "")
        service = names.service_by_name.get(value, 0) if kind in ("service", "model") else 0
        if kind == "pod":
            service = target_of(rules, fact.cluster_id, "pod", value)
        found[key] = service or target_of(
            rules, fact.cluster_id, "request", value if kind != "pod" else "", model
        )
    return found[key]


def _transfer(
    cluster_id: int,
    fact: TransferFact,
    rules: tuple[NameRule, ...],
    tenants: TenantResolver,
    tenant_rules: tuple[TenantRule, ...],
) -> Transfer:
    label = tenants.labels.get(fact.pod_label_id)
    pod = label.value if label else ""
    service = target_of(rules, cluster_id, "pod", pod)
    tenant = 0
    if not service:
        tenant = tenants.tenant_named(tenant_rules, "namespace", pod.partition("/")[0])
    return Transfer(fact.transfer_class, service, tenant, fact.bytes)


def service_work(
    hours: Sequence[datetime], resolved: Resolved, services: Mapping[int, Service]
) -> dict[tuple[int, int], Work]:
    """Work by (hour index, service id); a service without any requests is its own tenant's, by policy."""
    work = {
        key: work_of(rows, _coefficients(services[key[1]]))
        for key, rows in resolved.rows.items()
        if key[1] in services
    }
    for service in services.values():
        if service.tenant_id is None:
            continue
        for place in range(len(hours)):
            if (place, service.pk) not in work:
                work[(place, service.pk)] = policy_work(service.tenant_id, "one tenant's own service")
    return work


def _coefficients(service: Service) -> Coefficients:
    return Coefficients(a=service.weight_input, c=service.weight_cached, b=service.weight_output)
