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


def service_rules(moment: datetime) -> tuple[NameRule, ...]:
    """Which names belong to which service at `moment`; rules of one cluster come before rules of all."""
    rules = ServiceRule.objects.filter(valid__contains=moment).order_by("priority", "pk")
    rows = [NameRule(rule.service_id, rule.cluster_id or 0, rule.kind, rule.pattern) for rule in rules]
    return tuple(sorted(rows, key=lambda rule: rule.cluster_id == 0))
