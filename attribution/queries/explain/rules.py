"""The rules that divided a figure's lines, with what declares them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from attribution.domain.defaults import default_rule
from attribution.models.distribution_rule import DistributionRule
from attribution.queries.explain.sums import LineSum, amount_of, count_of
from attribution.queries.names import names_of

BY_WORK = "by work"


@dataclass(frozen=True)
class RuleUsed:
    """A rule for one use, on one basis; `rule_id` 0 is the default of the product.

    `method` is one of `distribution.Method`, "by work" for serving without a rule, "" where a rule has been
    taken away since. `pool` and `service` None: any. The span is half-open, None without an end.
    """

    rule_id: int
    use: str
    basis: str
    method: str
    pool: str | None
    service: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    reasons: tuple[str, ...]
    lines: int
    amount_nano: int | None


def rules_used(lines: Sequence[LineSum]) -> tuple[RuleUsed, ...]:
    """By use, rule and basis. `reasons` say why lines have no tenant."""
    ids = {line.rule_id for line in lines} - {0}
    declared = {rule.pk: rule for rule in DistributionRule.objects.filter(pk__in=ids)}
    pools, services = (names_of("pool"), names_of("service")) if declared else ({}, {})
    found = []
    for use, rule_id, basis, of_service in sorted(_keys(lines)):
        kept = [line for line in lines if _key(line) == (use, rule_id, basis, of_service)]
        rule = declared.get(rule_id)
        found.append(
            RuleUsed(
                rule_id,
                use,
                basis,
                _method(use, rule_id, rule, of_service),
                pools.get(rule.pool_id) if rule and rule.pool_id else None,
                services.get(rule.service_id) if rule and rule.service_id else None,
                rule.valid.lower if rule else None,
                rule.valid.upper if rule else None,
                tuple(sorted({line.reason for line in kept} - {""})),
                count_of(kept),
                amount_of(kept),
            )
        )
    return tuple(found)


def _keys(lines: Sequence[LineSum]) -> set[tuple[str, int, str, bool]]:
    return {_key(line) for line in lines}


def _key(line: LineSum) -> tuple[str, int, str, bool]:
    return line.use, line.rule_id, line.basis, line.with_service


def _method(use: str, rule_id: int, rule: DistributionRule | None, of_service: bool) -> str:
    if rule_id:
        return rule.method if rule else ""
    if use in ("serving", "serving_failed"):
        return BY_WORK
    return str(default_rule(use, of_a_service=of_service).method)
