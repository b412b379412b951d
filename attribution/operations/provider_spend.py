"""Who bears the cost pools of providers, hour by hour: keys and projects by rule, else tokens."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attribution.domain.billed_account import KINDS, BilledAccount, account_in
from attribution.domain.billed_model import plain_model
from attribution.domain.ledger import CostPool
from attribution.domain.provider_shares import GatewayUse, KeyUse, Part, direct, divided, tokens_of
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.models.tenant_rule import TenantRule
from attribution.operations.resolve_labels import TenantResolver
from attribution.queries.provider_usage import GatewayCount, ProviderUse, gateway_counts, provider_use
from attribution.queries.providers import sources_of_bills
from attribution.queries.rules import ServiceRules
from attribution.queries.service_names import ServiceNames

HOUR = timedelta(hours=1)


def provider_parts(
    hours: Sequence[datetime],
    cost_pools: Sequence[CostPool],
    services: Mapping[int, Service],
    *,
    create_tenants: bool = True,
) -> dict[int, list[Part]]:
    """Parts by number of the cost pool, as far as a rule, the provider or a gateway tells them."""
    wanted = {n: pool for n, pool in enumerate(cost_pools) if pool.kind in KINDS and pool.resource}
    if not wanted:
        return {}
    spend = _Spend(hours, list(wanted.values()), services, create_tenants)
    parts = {number: spend.parts(pool) for number, pool in wanted.items()}
    return {number: found for number, found in parts.items() if found}


class _Spend:
    def __init__(
        self,
        hours: Sequence[datetime],
        pools: Sequence[CostPool],
        services: Mapping[int, Service],
        create_tenants: bool,
    ) -> None:
        self._hours, self._services = hours, services
        asked = sorted({hours[pool.hour] for pool in pools})
        self._source = sources_of_bills(pool.bill_id for pool in pools)
        self._uses: dict[tuple[datetime, int], list[ProviderUse]] = defaultdict(list)
        for use in provider_use(self._source.values(), asked[0], asked[-1] + HOUR):
            self._uses[(use.hour, use.source_id)].append(use)
        counts = gateway_counts(asked)
        labels = {label for count in counts for label in (count.service_label_id, count.tenant_label_id)}
        self._tenants = TenantResolver(labels, create=create_tenants)
        self._models = dict(ServedModel.objects.values_list("pk", "name"))
        by_name = {service.name: service.pk for service in services.values()}
        self._names = ServiceNames(self._tenants.labels, self._models, by_name)
        self._services_at = ServiceRules()
        self._rules = {hour: self._tenants.rules_at(hour) for hour in asked}
        self._counted: dict[datetime, list[tuple[GatewayCount, int, int]]] = defaultdict(list)
        for count in counts:
            self._counted[count.hour].append((count, *self._who(count)))

    def _who(self, count: GatewayCount) -> tuple[int, int]:
        """Service and tenant of a row."""
        rules = self._services_at.at(count.hour)
        service = self._names.service_of(count.service_label_id, count.model_id, count.cluster_id, rules)
        owner = self._services[service].tenant_id if service in self._services else None
        return service, self._tenants.tenant(self._rules[count.hour], count.tenant_label_id) or owner or 0

    def parts(self, pool: CostPool) -> list[Part]:
        """A rule on what the line itself names comes first."""
        hour, account = self._hours[pool.hour], account_in(pool.resource)
        tenant = self._named(account, hour)
        if pool.kind != "provider_api":
            return direct(tenant) if tenant else []
        exact = self._at_gateways(pool, account, hour, account.tokens)
        gateway = exact or self._at_gateways(pool, account, hour, "")
        if tenant:
            return direct(tenant, gateway)
        keys, all_unknown = self._at_provider(pool, account, hour)
        return divided(keys, all_unknown if exact else 0, gateway)

    def _named(self, account: BilledAccount, hour: datetime) -> int:
        rules: tuple[TenantRule, ...] = self._rules[hour]
        named = (self._tenants.tenant_named(rules, kind, value) for kind, value in account.labels)
        return next(filter(None, named), 0)

    def _at_provider(
        self, pool: CostPool, account: BilledAccount, hour: datetime
    ) -> tuple[list[KeyUse], int]:
        """Keys of the account, and the tokens of its model under any key that no rule knows."""
        keys, unknown = [], 0
        for use in self._uses[(hour, self._source.get(pool.bill_id, 0))]:
            if not account.model or plain_model(use.model) != account.model:
                continue
            own = BilledAccount(project=use.project, api_key=use.api_key)
            tenant, weight = self._named(own, hour), tokens_of(use.tokens, account.tokens) or 0
            unknown += 0 if tenant else weight
            if account.project in ("", use.project) and account.api_key in ("", use.api_key):
                keys.append(KeyUse(tenant, weight))
        return keys, unknown

    def _at_gateways(
        self, pool: CostPool, account: BilledAccount, hour: datetime, token_class: str
    ) -> list[GatewayUse]:
        """What gateways counted of the model; under another name of it, of the pool's service."""
        rows = self._counted[hour]
        if pool.service_id:
            rows = [row for row in rows if row[1] == pool.service_id]
        named = [row for row in rows if account.model and self._plain(row[0]) == account.model]
        if not named and not pool.service_id:
            return []
        uses = [
            GatewayUse(tenant, count.model_id, count.failed, tokens_of(count.tokens, token_class) or 0)
            for count, _, tenant in named or rows
        ]
        return uses if any(use.weight for use in uses) else []

    def _plain(self, count: GatewayCount) -> str:
        return plain_model(self._models.get(count.model_id, ""))
