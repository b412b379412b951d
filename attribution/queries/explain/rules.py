"""The rules that divided a figure's lines, with what declares them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.defaults import default_rule
from attribution.models.distribution_rule import DistributionRule
from attribution.queries.explain.sums import LineSum, amount_of, count_of
from attribution.queries.explain.versions import NOW, AsOf
from attribution.queries.names import names_of
from attribution.sql import statement

BY_WORK = "by work"


@dataclass(frozen=True)
class RuleUsed:
    """A rule for one use, on one basis; `rule_id` 0 is the default of the product.

    Of a figure that is pinned to a moment it is the rule as it was then: `version` counts its writings from
    1, `written_at` is when. Both are None of a figure of now, whose rules are as they are declared.

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
    version: int | None = None
    written_at: datetime | None = None


class _Rule(NamedTuple):
    """What is said of a rule, as it is declared or as it was."""

    version: int | None
    written_at: datetime | None
    method: str
    pool_id: int | None
    service_id: int | None
    valid: Any


def rules_used(lines: Sequence[LineSum], as_of: AsOf = NOW) -> tuple[RuleUsed, ...]:
    """By use, rule and basis, as they stand or stood. `reasons` say why lines have no tenant."""
    ids = {line.rule_id for line in lines} - {0}
    declared = _declared(ids) if as_of.moment is None else _as_they_were(ids, as_of)
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
                rule.version if rule else None,
                rule.written_at if rule else None,
            )
        )
    return tuple(found)


def _declared(ids: Iterable[int]) -> dict[int, _Rule]:
    return {
        rule.pk: _Rule(None, None, rule.method, rule.pool_id, rule.service_id, rule.valid)
        for rule in DistributionRule.objects.filter(pk__in=ids)
    }


def _as_they_were(ids: Iterable[int], as_of: AsOf) -> dict[int, _Rule]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("rules_as_they_were"),
            {"rules": sorted(ids), "as_of": as_of.moment, "seen": as_of.seen},
        )
        return {rule: _Rule(*rest) for rule, *rest in cursor.fetchall()}


def _keys(lines: Sequence[LineSum]) -> set[tuple[str, int, str, bool]]:
    return {_key(line) for line in lines}


def _key(line: LineSum) -> tuple[str, int, str, bool]:
    return line.use, line.rule_id, line.basis, line.with_service


def _method(use: str, rule_id: int, rule: _Rule | None, of_service: bool) -> str:
    if rule_id:
        return rule.method if rule else ""
    if use in ("serving", "serving_failed"):
        return BY_WORK
    return str(default_rule(use, of_a_service=of_service).method)
