"""Do gateways count what providers count? What no key's rule and no gateway explains is the residual."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from django.db import connection

from attribution.domain.billed_model import plain_model
from attribution.domain.placement import matches
from attribution.models.tenant_rule import TenantRule
from attribution.queries.costs import known_sum
from attribution.queries.organization import organization
from attribution.queries.span import span_of
from attribution.sql import statement

MEASURES = ("requests", "input_tokens", "cached_tokens", "output_tokens")
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class ProviderResidual:
    """One measure of one model of one source, of the days (UTC) that its usage report has.

    `provider` is all that was counted, `by_rule` what of it stands under keys and projects that a tenant rule
    knows, `gateway` what gateways counted of the model. None is unknown. Input includes cached tokens.
    """

    source: str
    model: str
    measure: str
    provider: int | None
    by_rule: int | None
    gateway: int | None

    @property
    def residual(self) -> int | None:
        """Positive: used past the gateway by keys that no rule knows. Negative: known keys used it too."""
        if self.provider is None or self.gateway is None:
            return None
        return self.provider - (self.by_rule or 0) - self.gateway

    @property
    def residual_percent(self) -> Decimal | None:
        """The residual in percent of what the provider counted, to two digits."""
        if self.residual is None or not self.provider:
            return None
        share = _WIDE.divide(Decimal(self.residual * 100), Decimal(self.provider))
        return share.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def provider_residuals(start: datetime, end: datetime) -> list[ProviderResidual]:
    """Rows of the hours that start in [start, end), by source, model and measure.

    Models are held together by their plain names: `openai/gpt-4.1-2025-04-14` is `gpt-4.1`. Raises ValueError
    for an empty range.
    """
    parameters = span_of(start, end, organization().zone).parameters()
    counted, seen = _fetch("provider_counts", parameters), _fetch("gateway_models", parameters)
    rules = _rules(start, end)
    groups: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    days: dict[str, set[date]] = {}
    for source, day, project, key, model, *counts in counted:
        known = _known(rules, project, key)
        groups.setdefault((source, plain_model(model)), []).append((known, counts))
        days.setdefault(source, set()).add(day)
    return [
        row
        for (source, model), rows in sorted(groups.items())
        for row in _rows(source, model, rows, [c for d, m, *c in seen if _is(d, m, days[source], model)])
    ]


def _is(day: date, name: str, days: set[date], model: str) -> bool:
    return day in days and plain_model(name) == model


def _rows(
    source: str, model: str, counted: list[tuple[Any, ...]], seen: list[list[int | None]]
) -> Iterable[ProviderResidual]:
    for place, measure in enumerate(MEASURES):
        provider = known_sum(counts[place] for _, counts in counted)
        by_rule = known_sum(counts[place] for known, counts in counted if known)
        gateway = known_sum(counts[place] for counts in seen)
        yield ProviderResidual(source, model, measure, *map(_int, (provider, by_rule, gateway)))


def _int(value: Any) -> int | None:
    return None if value is None else int(value)


def _rules(start: datetime, end: datetime) -> list[TenantRule]:
    return [
        rule
        for rule in TenantRule.objects.filter(kind__in=["api_key", "project"])
        if (rule.valid.lower is None or rule.valid.lower < end)
        and (rule.valid.upper is None or rule.valid.upper > start)
    ]


def _known(rules: Iterable[TenantRule], project: str, key: str) -> bool:
    named = {"api_key": key, "project": project}
    return any(named[rule.kind] and matches(rule.pattern, named[rule.kind]) for rule in rules)


def _fetch(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
