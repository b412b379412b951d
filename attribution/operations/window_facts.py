"""All that the hours of one cluster are attributed from, read and resolved."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np

from attribution.domain.adjusted import CLOSED_MONTH, Adjusted
from attribution.domain.apportion import WindowFacts
from attribution.domain.capacity import StateMinutes
from attribution.domain.device_parts import PARTS
from attribution.domain.ledger import CostPool, Share
from attribution.domain.prices import price_book_amount
from attribution.domain.usage_sums import UsageSums, usage_sums
from attribution.models.organization import Organization
from attribution.models.pool import Pool
from attribution.models.service import Service
from attribution.operations.declared import Declared
from attribution.operations.device_minutes import device_minutes
from attribution.operations.invoiced_pools import invoiced_pools
from attribution.operations.kept_states import FreshStates
from attribution.operations.node_divisions import NodeDivisions
from attribution.operations.places import Places
from attribution.operations.proposal import NOTHING_PROPOSED, Proposal
from attribution.operations.provider_spend import provider_parts
from attribution.operations.resolve_measures import resolve_measures
from attribution.operations.served_elsewhere import served_elsewhere, served_services
from attribution.operations.service_work import Resolved, resolve_usage, service_work
from attribution.operations.token_weights import accelerators_of
from attribution.queries.adjustments import posted_adjustments
from attribution.queries.providers import providers_of_bills
from attribution.queries.usage import transfers_of, usage_of


@dataclass(frozen=True)
class LoadedWindows:
    """Facts for the domain, and what is published beside its lines."""

    hours: Sequence[datetime]
    facts: WindowFacts
    resolved: Callable[[], Resolved]
    fresh: Sequence[FreshStates]

    @property
    def usage(self) -> UsageSums:
        """Requests that this cluster publishes."""
        return usage_sums(self.resolved().own)


def load_windows(
    cluster_id: int,
    hours: Sequence[datetime],
    *,
    proposal: Proposal = NOTHING_PROPOSED,
    elsewhere: Callable[[Sequence[datetime]], Mapping[datetime, Share]] = served_elsewhere,
    create_tenants: bool = True,
) -> LoadedWindows:
    """Read strips, usage, transfers, bills and rules for hours (sorted) of a cluster, 0 for none.

    States of strips that have not changed since they were last counted are those kept. What a `proposal`
    says stands in place of what is declared. Without `create_tenants` nothing is written, and whom a rule
    would make a tenant for the first time is unknown.
    """
    pools = dict(Pool.objects.filter(cluster_id=cluster_id).order_by("pk").values_list("pk", "accelerator"))
    pool_ids = [0, *pools]
    services = {service.pk: service for service in Service.objects.order_by("pk")}
    service_ids = [0, *services]

    @cache
    def resolved() -> Resolved:
        usage, transfers = usage_of(cluster_id, hours), transfers_of(cluster_id, hours)
        return resolve_usage(cluster_id, hours, usage, transfers, services, create_tenants=create_tenants)

    @cache
    def shared() -> Mapping[datetime, Share]:
        return elsewhere(hours)

    if create_tenants:
        # Requests name tenants before namespaces do. Otherwise it is read if somebody asks for it.
        resolved()
    declared = Declared(hours, proposal)
    places = Places(cluster_id, pool_ids, create_tenants=create_tenants)
    state, fresh = device_minutes(places, hours, service_ids, declared)
    adjustments = _adjustments(cluster_id, hours)
    invoiced = invoiced_pools(cluster_id, hours, pool_ids, lambda: NodeDivisions(places, hours, declared))
    cost_pools = _cost_pools(pool_ids, state, declared, [*invoiced, *adjustments])
    facts = WindowFacts(
        pool_ids=pool_ids,
        state=state,
        cost_pools=cost_pools,
        # Nothing to share: then nobody's work has to be weighed. Requests are published all the same.
        work=service_work(
            hours, resolved(), services, accelerators_of(state, ["", *pools.values()]), proposal.fits
        )
        if cost_pools
        else {},
        transfers=resolved().transfers if cost_pools else {},
        rule=declared.rule,
        entitlement=declared.entitlement,
        elsewhere=lambda hour: shared().get(hours[hour]) if cluster_id == 0 else None,
        adjustments=adjustments,
        **_evidence(cluster_id, hours, cost_pools, services, create_tenants),
    )
    return LoadedWindows(hours, facts, resolved, fresh)


def _evidence(
    cluster_id: int,
    hours: Sequence[datetime],
    cost_pools: Sequence[CostPool],
    services: Mapping[int, Service],
    create_tenants: bool,
) -> dict[str, Any]:
    """What divides pools that are no device-minutes; nothing is read where there are none."""
    if all(pool.kind == "accelerator" for pool in cost_pools):
        return {}
    found: dict[str, Any] = {
        "provider_parts": provider_parts(hours, cost_pools, services, create_tenants=create_tenants),
        "measures": resolve_measures(cluster_id, hours, services, create_tenants=create_tenants),
    }
    if cluster_id == 0:
        found["provider_of_bill"] = providers_of_bills(pool.bill_id for pool in cost_pools)
        by_service = cache(lambda: served_services(hours))
        found["served_services"] = lambda hour: by_service().get(hours[hour], {})
    return found


def _cost_pools(
    pool_ids: Sequence[int], state: StateMinutes, declared: Declared, pools: list[CostPool]
) -> list[CostPool]:
    """What bills and adjustments say; pool-hours that no bill pays for by their price book; else unpriced."""
    invoiced = {(pool.hour, pool.pool_id) for pool in pools if pool.part == "nodes"}
    # Whole numbers: each device-minute was divided into pieces that sum to it.
    minutes = state.minutes.sum(axis=(2, 3)) // PARTS
    own_currency = cache(_own_currency)
    for hour, pool in zip(*np.nonzero(minutes), strict=True):
        if (int(hour), pool_ids[pool]) not in invoiced:
            pool_minutes = int(minutes[hour, pool])
            pools.append(_by_price_book(int(hour), pool_ids[pool], pool_minutes, declared, own_currency))
    return sorted(pools, key=lambda pool: pool._replace(amount=0))


def _adjustments(cluster_id: int, hours: Sequence[datetime]) -> dict[CostPool, list[Adjusted]]:
    """Cost pools that correct closed months, with their lines."""
    place = {hour: index for index, hour in enumerate(hours)}
    lines: dict[CostPool, list[Adjusted]] = defaultdict(list)
    for row in posted_adjustments(cluster_id, hours):
        pool = CostPool(
            place[row.hour], row.kind, CLOSED_MONTH, row.pool_id, 0, row.corrects, row.bill_id, 0,
            row.estimated, row.currency, None,
        )  # fmt: skip
        lines[pool].append(Adjusted(row.service_id, row.tenant_id, row.model_id, row.basis, row.amount_nano))
    return {
        pool._replace(amount=sum(line.amount for line in of_pool)): of_pool for pool, of_pool in lines.items()
    }


def _by_price_book(
    hour: int, pool_id: int, minutes: int, declared: Declared, own_currency: Callable[[], str]
) -> CostPool:
    price = declared.price(hour, pool_id) if pool_id else None
    currency = price.book.currency if price else own_currency()
    amount = price_book_amount(price.rate_nano, minutes) if price else None
    return CostPool(
        hour, "accelerator", "nodes", pool_id, 0, "", 0, price.pk if price else 0, True, currency, amount
    )


def _own_currency() -> str:
    organization = Organization.objects.first()
    return organization.currency if organization else "USD"
