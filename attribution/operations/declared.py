"""What is declared for a cluster's hours: reserves, prices, rules, entitlements, asked hour by hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import numpy as np

from attribution.domain.capacity import Reserves
from attribution.domain.defaults import default_rule
from attribution.domain.distribution import Method
from attribution.domain.ledger import Rule
from attribution.domain.seat import Seat
from attribution.models.distribution_rule import DistributionRule
from attribution.models.entitlement import Entitlement
from attribution.models.price import Price
from attribution.models.reserve import Reserve
from attribution.models.tenant import Tenant
from attribution.operations.proposal import NOTHING_PROPOSED, Proposal, Standing


class Declared:
    """Everything declared that the hours of one cluster need; reads the database once.

    With a proposal it answers as if that had been applied.
    """

    def __init__(self, hours: Sequence[datetime], proposal: Proposal = NOTHING_PROPOSED) -> None:
        self.hours = hours
        self._rules = Standing(DistributionRule.objects.order_by("pk"), proposal.rules)
        self._entitlements = Standing(Entitlement.objects.order_by("pk"), proposal.entitlements)
        self._prices = Standing(Price.objects.select_related("book").order_by("pk"), proposal.prices)
        self._reserves = Standing(Reserve.objects.order_by("pk"), proposal.reserves)
        self._tenant_ids = dict(Tenant.objects.values_list("name", "pk")) if self._rules else {}
        # A batch asks for the same few answers again and again.
        self.rule = lru_cache(maxsize=None)(self._rule)
        self.entitlement = lru_cache(maxsize=None)(self._entitlement)
        self.price = lru_cache(maxsize=None)(self._price)

    def _rule(self, hour: int, use: str, pool_id: int, service_id: int) -> Rule:
        """The most specific rule: pool and service, service, pool, neither; without one, the default."""
        best: tuple[int, DistributionRule] | None = None
        for rule in self._rules.at(self.hours[hour]):
            if (
                rule.use != use
                or rule.pool_id not in (None, pool_id)
                or rule.service_id not in (None, service_id)
            ):
                continue
            rank = 2 * (rule.service_id is not None) + (rule.pool_id is not None)
            if best is None or rank > best[0]:
                best = (rank, rule)
        if best is None:
            return default_rule(use, of_a_service=service_id != 0)
        rule = best[1]
        fixed = {self._tenant_ids[name]: Decimal(weight) for name, weight in rule.weights.items()}
        return Rule(rule.pk, Method(rule.method), fixed, rule.owner_id)

    def _entitlement(self, hour: int, pool_id: int, service_id: int) -> Mapping[int, int]:
        quotas: dict[int, int] = {}
        for row in self._entitlements.at(self.hours[hour]):
            if row.pool_id in (None, pool_id) and row.service_id in (None, service_id):
                quotas[row.tenant_id] = quotas.get(row.tenant_id, 0) + row.quota
        return quotas

    def _price(self, hour: int, pool_id: int) -> Price | None:
        """The price book's rate of a pool at that hour."""
        prices = self._prices.at(self.hours[hour])
        return next((price for price in prices if price.pool_id == pool_id), None)

    def reserves(self, pool_ids: Sequence[int], seats: Sequence[Seat]) -> Reserves:
        """Declared devices as arrays over hours, pools and seats; each seat is told what its service has."""
        shape = (len(self.hours), len(pool_ids), len(seats))
        services = np.array([seat.service_id for seat in seats])
        own = {kind: np.zeros(shape, dtype=np.int64) for kind in ("failover", "warm")}
        whole = {kind: np.zeros(shape[:2], dtype=np.int64) for kind in ("failover", "warm")}
        for place, hour in enumerate(self.hours):
            for row in self._reserves.at(hour):
                if row.pool_id not in pool_ids:
                    continue
                pool = pool_ids.index(row.pool_id)
                if row.service_id is None:
                    whole[row.kind][place, pool] += row.devices
                else:
                    own[row.kind][place, pool, services == row.service_id] += row.devices
        return Reserves(own["failover"], own["warm"], whole["failover"], whole["warm"])
