"""What one successful request cost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from attribution.domain.unit_cost import OF_NOBODY, TokenCost, UnitCost, cost_per_success, per_million_tokens
from attribution.models.service import Service
from attribution.queries.costs import CostRow, CostTotal, cost_totals, costs_by, group_order, known_sum
from attribution.queries.dimensions import CostDimension, UnitDimension
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.requests import UNKNOWN, Group, Requests, all_requests, requests_by
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.status import Status, joint_status

# Input tokens that one output token weighs, where no service says otherwise.
DEFAULT_OUTPUT_WEIGHT = Decimal(2)


class UnitCostRow(NamedTuple):
    """A group in one currency.

    `loaded_nano` is all that the group bears, `direct_nano` its serving only, `failed_nano` what failed
    requests cost; `unpriced_lines` are in none of them. Where the group bears costs in two currencies, its
    requests stand in both rows. `currency` is None where it has requests and bears nothing.
    """

    group: Group
    currency: str | None
    requests: Requests
    loaded_nano: int | None
    direct_nano: int | None
    failed_nano: int | None
    unpriced_lines: int
    loaded: UnitCost
    direct: UnitCost
    tokens: TokenCost
    status: Status | None


@dataclass(frozen=True)
class UnitCostTable:
    """Rows sorted by group (none last) and currency; a total for each currency, and of the costs alone."""

    dimensions: tuple[UnitDimension, ...]
    rows: tuple[UnitCostRow, ...]
    totals: tuple[UnitCostRow, ...]
    costs: tuple[CostTotal, ...]


def unit_costs(
    start: datetime,
    end: datetime,
    group_by: Sequence[UnitDimension],
    filters: CostFilters = NO_FILTERS,
    tenants: TenantScope = EVERYBODY,
) -> UnitCostTable:
    """Costs and requests of the hours that start in [start, end), and one divided by the other.

    Of the filters only tenant, service and model make sense here. Raises ValueError for an empty range.
    """
    dimensions = tuple(dict.fromkeys(group_by))
    by = [*(CostDimension(dimension) for dimension in dimensions), CostDimension.USE]
    costs = costs_by(start, end, by, filters, tenants).rows
    requests = requests_by(start, end, dimensions, filters, tenants)
    weight_of = _output_weight(dimensions)
    parts = _by_group(costs)
    bearing = {group for group, _ in parts}
    # Where the ledger has cost and none of it is a group's, the group bears nothing, which is known. Where
    # there is no cost at all (no bill, no price, no telemetry yet) nothing is known of it.
    currencies = sorted({row.currency for row in costs if row.amount_nano is not None})
    only, nothing = (currencies[0], 0) if len(currencies) == 1 else (None, None)
    keys = [*parts, *((group, only) for group in requests if group not in bearing)]
    rows = [
        _row(
            group,
            currency,
            requests.get(group, UNKNOWN),
            parts.get((group, currency), ()),
            weight_of(group),
            nothing if group not in bearing else None,
        )
        for group, currency in keys
    ]
    rows.sort(key=lambda row: (*group_order(row.group), row.currency or ""))
    totals = _totals(costs, all_requests(requests))
    return UnitCostTable(dimensions, tuple(rows), totals, cost_totals(costs))


def _by_group(costs: Iterable[CostRow]) -> dict[tuple[Group, str | None], list[CostRow]]:
    parts: dict[tuple[Group, str | None], list[CostRow]] = {}
    for row in costs:
        group: Group = row.group[:-1]  # type: ignore[assignment]  # named dimensions only
        parts.setdefault((group, row.currency), []).append(row)
    return parts


def _output_weight(dimensions: tuple[UnitDimension, ...]) -> Callable[[Group], Decimal]:
    """Input tokens that one output token weighs: those declared of the group's service."""
    if UnitDimension.SERVICE not in dimensions:
        return lambda group: DEFAULT_OUTPUT_WEIGHT
    place = dimensions.index(UnitDimension.SERVICE)
    declared = {
        service.name: service.weight_output / service.weight_input
        for service in Service.objects.all()
        if service.weight_input > 0
    }
    return lambda group: declared.get(group[place] or "", DEFAULT_OUTPUT_WEIGHT)


def _row(
    group: Group,
    currency: str | None,
    requests: Requests,
    costs: Sequence[CostRow],
    output_weight: Decimal = DEFAULT_OUTPUT_WEIGHT,
    without: int | None = None,
) -> UnitCostRow:
    loaded = known_sum(row.amount_nano for row in costs) if costs else without
    direct = known_sum(row.amount_nano for row in costs if row.group[-1] == "serving") if costs else without
    return UnitCostRow(
        group,
        currency,
        requests,
        loaded,
        direct,
        known_sum(row.amount_nano for row in costs if row.group[-1] == "serving_failed"),
        sum(row.unpriced_lines for row in costs),
        OF_NOBODY if None in group else cost_per_success(loaded, requests.successes),
        cost_per_success(direct, requests.successes),
        TokenCost(OF_NOBODY, OF_NOBODY)
        if None in group
        else per_million_tokens(
            loaded, requests.input_tokens, requests.output_tokens, output_weight=output_weight
        ),
        joint_status(row.status for row in costs),
    )


def _totals(costs: Sequence[CostRow], requests: Requests) -> tuple[UnitCostRow, ...]:
    currencies: list[str | None] = [*sorted({row.currency for row in costs})]
    return tuple(
        _row((), currency, requests, [row for row in costs if row.currency == currency])
        for currency in currencies or ([None] if requests != UNKNOWN else [])
    )
