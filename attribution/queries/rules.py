"""The declared rules that hold at a moment, as plain rows in the order they are tried."""

from datetime import datetime

from attribution.domain.placement import NameRule, PoolRule
from attribution.models.pool import Pool
from attribution.models.service_rule import ServiceRule


def pool_rules() -> tuple[PoolRule, ...]:
    """Which nodes belong to which pool, the pool declared first before the others."""
    return tuple(
        PoolRule(pool.pk, pool.cluster_id, tuple(pool.nodes), tuple(pool.device_models))
        for pool in Pool.objects.order_by("pk")
    )


class ServiceRules:
    """Which names belong to which service; read once, asked for any moment."""

    def __init__(self) -> None:
        self._rules = list(ServiceRule.objects.order_by("priority", "pk"))

    def at(self, moment: datetime) -> tuple[NameRule, ...]:
        """The rules valid at `moment`; those of one cluster come before those of all."""
        rows = [
            NameRule(rule.service_id, rule.cluster_id or 0, rule.kind, rule.pattern)
            for rule in self._rules
            if rule.holds_at(moment)
        ]
        return tuple(sorted(rows, key=lambda rule: rule.cluster_id == 0))
