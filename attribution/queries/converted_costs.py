"""Costs as they would read in one currency. The ledger stays in the currencies of the bills."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

from attribution.domain.hours import day_bounds
from attribution.models.exchange_rate import ExchangeRate
from attribution.queries.costs import GroupValue, costs_by, group_order, known_sum
from attribution.queries.dimensions import CostDimension
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.organization import organization
from attribution.queries.scope import EVERYBODY, TenantScope

_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
SAME = "the same currency"
NO_RATE = "no rate is declared for these days"


class UsedRate(NamedTuple):
    """One unit of a row's currency is `rate` of the asked one, by `source` of that `date`."""

    rate: Decimal
    source: str
    date: date | None


class ConvertedRow(NamedTuple):
    """A group's cost in one currency and at one rate: `original_nano` is what the ledger says.

    `converted_nano` is rounded once, half to even; None where there is no rate (then `rate` is None too)
    or nothing is priced. `unpriced_lines` are in neither.
    """

    group: tuple[GroupValue, ...]
    currency: str
    original_nano: int | None
    converted_nano: int | None
    rate: UsedRate | None
    unpriced_lines: int

    @property
    def reason(self) -> str | None:
        """Why there is no converted amount, though there is one."""
        return NO_RATE if self.rate is None else None


class Unconverted(NamedTuple):
    """What is missing from the total, in its own currency."""

    currency: str
    amount_nano: int | None


@dataclass(frozen=True)
class ConvertedCosts:
    """Rows by group, currency and rate. `total_nano` sums the rows that have a rate, None if none has."""

    currency: str
    dimensions: tuple[CostDimension, ...]
    rows: tuple[ConvertedRow, ...]

    @property
    def total_nano(self) -> int | None:
        """The sum of the rounded rows, so that rows always sum to the total."""
        total: int | None = known_sum(row.converted_nano for row in self.rows)
        return total

    @property
    def unconverted(self) -> tuple[Unconverted, ...]:
        """By currency, what no rate turns into the asked one."""
        without = [row for row in self.rows if row.rate is None]
        return tuple(
            Unconverted(name, known_sum(row.original_nano for row in without if row.currency == name))
            for name in sorted({row.currency for row in without})
        )


def converted_costs(
    start: datetime,
    end: datetime,
    group_by: Sequence[CostDimension],
    currency: str,
    filters: CostFilters = NO_FILTERS,
    tenants: TenantScope = EVERYBODY,
) -> ConvertedCosts:
    """Costs of the hours that start in [start, end), each local day at the rate that holds at its start.

    A group whose days had several rates has a row for each of them. ValueError for an empty range.
    """
    dimensions = tuple(dict.fromkeys(group_by))
    daily = costs_by(start, end, [*dimensions, CostDimension.DAY], filters, tenants)
    place = daily.dimensions.index(CostDimension.DAY)
    rates, zone = _Rates(currency), organization().zone
    sums: dict[tuple[tuple[GroupValue, ...], str, UsedRate | None], list[tuple[int | None, int]]]
    sums = defaultdict(list)
    for row in daily.rows:
        day = row.group[place]
        rate = rates.at(row.currency, day_bounds(day, zone)[0]) if isinstance(day, date) else None
        group = row.group[: len(dimensions)]
        sums[(group, row.currency, rate)].append((row.amount_nano, row.unpriced_lines))
    rows = [_row(*key, parts) for key, parts in sums.items()]
    return ConvertedCosts(currency, dimensions, tuple(sorted(rows, key=_order)))


class _Rates:
    """Declared rates to one currency, read once."""

    def __init__(self, quote: str) -> None:
        self._quote = quote
        self._rates = list(ExchangeRate.objects.filter(quote=quote).order_by("pk"))

    def at(self, base: str, moment: datetime) -> UsedRate | None:
        """The rate that holds at a moment; the database lets no two hold at once."""
        if base == self._quote:
            return UsedRate(Decimal(1), SAME, None)
        for row in self._rates:
            if row.base == base and row.holds_at(moment):
                return UsedRate(row.rate, row.origin, row.dated)
        return None


def _row(
    group: tuple[GroupValue, ...],
    currency: str,
    rate: UsedRate | None,
    parts: Iterable[tuple[int | None, int]],
) -> ConvertedRow:
    parts = list(parts)
    original: int | None = known_sum(amount for amount, _ in parts)
    converted = None
    if original is not None and rate is not None:
        exact = _WIDE.multiply(Decimal(original), rate.rate)
        converted = int(exact.to_integral_value(ROUND_HALF_EVEN, _WIDE))
    return ConvertedRow(group, currency, original, converted, rate, sum(lines for _, lines in parts))


def _order(row: ConvertedRow) -> tuple[object, ...]:
    rate = row.rate or UsedRate(Decimal(0), "", None)
    return (
        *group_order(row.group),
        row.currency,
        row.rate is None,
        rate.date or date.min,
        rate.source,
        rate.rate,
    )
