"""What is declared for a cluster's hours: reserves, prices, rules, entitlements, asked hour by hour."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

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
from attribution.models.validity import Validity

V = TypeVar("V", bound=Validity)


def at(rows: Iterable[V], hour: datetime) -> list[V]:
    """Those that hold at the start of an hour: the hour is the unit of attribution."""
    return [row for row in rows if row.holds_at(hour)]


class Declared:
    """Everything declared that the hours of one cluster need; reads the database once."""

    def __init__(self, hours: Sequence[datetime]) -> None:
        self.hours = hours
        self._rules = list(DistributionRule.objects.order_by("pk"))
        self._entitlements = list(Entitlement.objects.order_by("pk"))
        self._prices = list(Price.objects.select_related("book").order_by("pk"))
        self._tenant_ids = dict(Tenant.objects.values_list("name", "pk")) if self._rules else {}
        # A batch asks for the same few answers again and again.
        self.rule = lru_cache(maxsize=None)(self._rule)
        self.entitlement = lru_cache(maxsize=None)(self._entitlement)
        self.price = lru_cache(maxsize=None)(self._price)

    def _rule(self, hour: int, use: str, pool_id: int, service_id: int) -> Rule:
        """The most specific rule: pool and service, service, pool, neither; without one, the default."""
        best: tuple[int, DistributionRule] | None = None
        for rule in at((rule for rule in self._rules if rule.use == use), self.hours[hour]):
            if rule.pool_id not in (None, pool_id) or rule.service_id not in (None, service_id):
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
        for row in at(self._entitlements, self.hours[hour]):
            if row.pool_id in (None, pool_id) and row.service_id in (None, service_id):
                quotas[row.tenant_id] = quotas.get(row.tenant_id, 0) + row.quota
        return quotas

    def _price(self, hour: int, pool_id: int) -> Price | None:
        """The price book's rate of a pool at that hour."""
        prices = (price for price in self._prices if price.pool_id == pool_id)
        return next(iter(at(prices, self.hours[hour])), None)


def declared_reserves(hours: Sequence[datetime], pool_ids: Sequence[int], seats: Sequence[Seat]) -> Reserves:
    """Declared devices as arrays over hours, pools and seats; each seat is told what its service has."""
    shape = (len(hours), len(pool_ids), len(seats))
    services = np.array([seat.service_id for seat in seats])
    own = {kind: np.zeros(shape, dtype=np.int64) for kind in ("failover", "warm")}
    whole = {kind: np.zeros(shape[:2], dtype=np.int64) for kind in ("failover", "warm")}
    rows = list(Reserve.objects.filter(pool_id__in=pool_ids))
    for place, hour in enumerate(hours):
        for row in at(rows, hour):
            pool = pool_ids.index(row.pool_id)
            if row.service_id is None:
                whole[row.kind][place, pool] += row.devices
            else:
                own[row.kind][place, pool, services == row.service_id] += row.devices
    return Reserves(own["failover"], own["warm"], whole["failover"], whole["warm"])
