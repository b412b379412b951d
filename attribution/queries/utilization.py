"""What devices did with their minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.capacity import MINUTE_USES
from attribution.queries.costs import GroupValue, group_order
from attribution.queries.dimensions import NAMED, UtilizationDimension
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.names import names_of
from attribution.queries.organization import organization
from attribution.queries.scope import EVERYBODY
from attribution.queries.span import span_of
from attribution.sql import statement

Minutes = int | Decimal


def whole(minutes: Minutes) -> Minutes:
    """A whole number as an integer, any other as it is."""
    return int(minutes) if minutes == int(minutes) else minutes


class UtilizationRow(NamedTuple):
    """Device-minutes of a group, by state in the order of MINUTE_USES; every minute is in one state.

    Whole numbers, but for slices of devices: those are decimals.

    `busy_minutes` are minutes × engine activity over all sampled minutes, `serving_busy_minutes` over
    serving ones.
    """

    group: tuple[GroupValue, ...]
    minutes: tuple[Minutes, ...]
    sampled_minutes: Minutes
    busy_minutes: Decimal
    serving_busy_minutes: Decimal

    @property
    def device_minutes(self) -> Minutes:
        """All minutes."""
        return whole(sum(self.minutes))

    @property
    def busy_fraction(self) -> Decimal | None:
        """Mean engine activity over the minutes with a sample; None without any."""
        return share(self.busy_minutes, self.sampled_minutes)

    @property
    def serving_busy_fraction(self) -> Decimal | None:
        """Mean engine activity while serving; None where nothing was served."""
        return share(self.serving_busy_minutes, self.minutes[MINUTE_USES.index("serving")])


@dataclass(frozen=True)
class UtilizationTable:
    """Rows sorted by group, none last; `total` is None where there are no rows."""

    dimensions: tuple[UtilizationDimension, ...]
    rows: tuple[UtilizationRow, ...]
    total: UtilizationRow | None


def utilization(
    start: datetime,
    end: datetime,
    group_by: Sequence[UtilizationDimension],
    filters: CostFilters = NO_FILTERS,
) -> UtilizationTable:
    """Minutes by state in the hours that start in [start, end); filters by cluster, pool and service.

    Raises ValueError for an empty range.
    """
    dimensions = tuple(dict.fromkeys(group_by))
    span = span_of(start, end, organization().zone)
    parameters = span.parameters() | filters.parameters(EVERYBODY)
    parameters |= {f"by_{dimension}": dimension in dimensions for dimension in UtilizationDimension}
    with connection.cursor() as cursor:
        cursor.execute(statement("utilization"), parameters)
        raw = cursor.fetchall()
    names: dict[str, dict[int, str]] = {name: names_of(name) for name in dimensions if name in NAMED}
    rows = [_row(row, dimensions, names) for row in raw]
    rows.sort(key=lambda row: group_order(row.group))
    return UtilizationTable(dimensions, tuple(rows), _total(rows))


def _row(
    raw: tuple[Any, ...], dimensions: tuple[UtilizationDimension, ...], names: dict[str, dict[int, str]]
) -> UtilizationRow:
    every = list(UtilizationDimension)
    group = []
    for dimension in dimensions:
        value = raw[every.index(dimension)]
        group.append(names[dimension].get(value) if dimension in names else value)
    figures = raw[len(every) :]
    states = len(MINUTE_USES)
    return UtilizationRow(
        tuple(group), tuple(map(whole, figures[:states])), whole(figures[states]), *figures[-2:]
    )


def _total(rows: Sequence[UtilizationRow]) -> UtilizationRow | None:
    if not rows:
        return None
    return UtilizationRow(
        (),
        tuple(whole(sum(of_state)) for of_state in zip(*(row.minutes for row in rows), strict=True)),
        whole(sum(row.sampled_minutes for row in rows)),
        sum((row.busy_minutes for row in rows), Decimal(0)),
        sum((row.serving_busy_minutes for row in rows), Decimal(0)),
    )


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Part of a whole to six decimals, half to even; None of nothing."""
    if not whole:
        return None
    return Decimal(round(Fraction(part) / Fraction(whole) * 10**6)).scaleb(-6)
