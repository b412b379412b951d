"""Requests, as the rules of their hours gave them to services and tenants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from attribution.queries.costs import known_sum
from attribution.queries.dimensions import UnitDimension
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.names import names_of
from attribution.queries.organization import organization
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.span import span_of
from attribution.sql import statement


class Requests(NamedTuple):
    """Counts; None is unknown, never zero. `with_tenant` are requests whose tenant is known."""

    requests: int | None
    successes: int | None
    failures: int | None
    unfinished: int | None
    duration_us: int | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    with_tenant: int | None


UNKNOWN = Requests(*[None] * len(Requests._fields))
Group = tuple[str | None, ...]


def requests_by(
    start: datetime,
    end: datetime,
    group_by: Sequence[UnitDimension],
    filters: CostFilters = NO_FILTERS,
    tenants: TenantScope = EVERYBODY,
) -> dict[Group, Requests]:
    """Requests of the hours that start in [start, end) by group; of the filters, those by name count.

    Cluster, pool, kind, use and basis are not asked: a request has none of them.
    """
    span = span_of(start, end, organization().zone)
    parameters = span.parameters() | filters.parameters(tenants)
    parameters |= {f"by_{dimension}": dimension in group_by for dimension in UnitDimension}
    with connection.cursor() as cursor:
        cursor.execute(statement("usage_from_days" if span.days else "usage_from_hours"), parameters)
        raw = cursor.fetchall()
    names = {dimension: names_of(dimension) for dimension in group_by}
    places = [(list(UnitDimension).index(dimension), names[dimension]) for dimension in group_by]
    return {
        tuple(known.get(row[place]) for place, known in places): Requests(*map(_whole, row[3:]))
        for row in raw
    }


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def all_requests(groups: dict[Group, Requests]) -> Requests:
    """The sum of groups; what no group knows is unknown."""
    return (
        Requests(*(known_sum(values) for values in zip(*groups.values(), strict=True))) if groups else UNKNOWN
    )
