"""Do engines count what gateways count? The residual says what one of the two did not see."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import Any

from django.db import connection

from attribution.models.service_rule import ServiceRule
from attribution.queries.counted import Resolver
from attribution.queries.names import names_of
from attribution.sql import statement

MEASURES = ("requests", "input_tokens", "cached_tokens", "output_tokens")
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class EngineResidual:
    """One measure of one service (None: of names that no rule knows).

    `engine` and `gateway` are totals of the `hours` in which both counted it; None: there is no such hour.
    What only one of them counted stands beside them with its own hours, and is in no residual.
    `input_tokens` include the cached ones.
    """

    service: str | None
    measure: str
    engine: int | None
    gateway: int | None
    hours: int
    engine_alone: int | None
    gateway_alone: int | None
    engine_alone_hours: int
    gateway_alone_hours: int

    @property
    def residual(self) -> int | None:
        """Engine less gateway: positive is work that came past the gateway, or that it forgot."""
        return None if self.engine is None or self.gateway is None else self.engine - self.gateway

    @property
    def residual_percent(self) -> Decimal | None:
        """The residual in percent of the engine's total, to two digits; None where that is 0 or unknown."""
        if self.residual is None or not self.engine:
            return None
        share = _WIDE.divide(Decimal(self.residual * 100), Decimal(self.engine))
        return share.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def engine_residuals(start: datetime, end: datetime) -> list[EngineResidual]:
    """Rows of the hours that start in [start, end), by service, those of no service last.

    Every outcome counts on both sides: an engine does not know that a gateway gave up waiting.
    Raises ValueError for an empty range.
    """
    if end <= start:
        raise ValueError(f"the range ends {end.isoformat()}, not after its start {start.isoformat()}")
    sums: dict[tuple[int, str], list[int | None]] = defaultdict(lambda: [None] * 7)
    for first, last in pairwise(_edges(start, end)):
        for service, measure, *counts in _totals(first, last):
            known = sums[service, measure]
            sums[service, measure] = [_sum(one, other) for one, other in zip(known, counts, strict=True)]
    names = names_of("service")
    order = dict(sorted(names.items(), key=lambda item: item[1])) | {0: None}
    return [
        _row(name, measure, sums[service, measure])
        for service, name in order.items()
        for measure in MEASURES
        if any(count is not None for count in sums.get((service, measure), ()))
    ]


def _edges(start: datetime, end: datetime) -> list[datetime]:
    """Where rules begin and end: between two edges a name means the same."""
    spans = ServiceRule.objects.values_list("valid", flat=True)
    moments = {moment for span in spans for moment in (span.lower, span.upper) if moment}
    return [start, *sorted(moment for moment in moments if start < moment < end), end]


def _totals(start: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement("usage_names"), {"start": start, "end": end})
        names = cursor.fetchall()
        if not names:
            return
        resolver = Resolver(label for _, label, _ in names)
        services = [resolver.service(start, *name) for name in names]
        clusters, labels, models = map(list, zip(*names, strict=True))
        cursor.execute(
            statement("engine_and_gateway_totals"),
            {"start": start, "end": end, "clusters": clusters, "labels": labels, "models": models,
             "services": services},
        )  # fmt: skip
        for service, measure, engine, gateway, hours, *alone in cursor.fetchall():
            yield (
                service,
                measure,
                engine,
                gateway,
                hours or None,
                *alone[:2],
                *(n or None for n in alone[2:]),
            )


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _row(service: str | None, measure: str, counts: list[int | None]) -> EngineResidual:
    engine, gateway, hours, engine_alone, gateway_alone, engine_hours, gateway_hours = counts
    return EngineResidual(
        service, measure, engine, gateway, hours or 0, engine_alone, gateway_alone, engine_hours or 0,
        gateway_hours or 0,
    )  # fmt: skip
