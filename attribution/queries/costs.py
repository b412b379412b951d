"""What was borne: by whom, for what, when."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.months import month_of
from attribution.queries.dimensions import NAMED, CostDimension
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.names import names_of
from attribution.queries.organization import organization
from attribution.queries.periods import closed_months, months_of
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.span import Span, span_of
from attribution.queries.status import Status, joint_status, status_of
from attribution.sql import statement

# A name, a word, a local day or the start of a UTC hour; None where a line has no such thing.
GroupValue = str | date | datetime | None


class CostRow(NamedTuple):
    """A group in one currency. `group` has a value for each dimension asked for, in that order.

    `amount_nano` None: nothing of it is priced. `usage_nano` is the busy part of serving, None where it is
    not known. `device_minutes` are those of accelerators, `no_data_minutes` those of them without telemetry.
    `unpriced_lines` have no amount, so they are not in the sum. `ids` are the ids behind named values, else
    None.
    """

    group: tuple[GroupValue, ...]
    currency: str
    amount_nano: int | None
    usage_nano: int | None
    device_minutes: Decimal | None
    no_data_minutes: Decimal | None
    unpriced_lines: int
    status: Status
    ids: tuple[int | None, ...]


class CostTotal(NamedTuple):
    """All rows of one currency."""

    currency: str
    amount_nano: int | None
    usage_nano: int | None
    device_minutes: Decimal | None
    no_data_minutes: Decimal | None
    unpriced_lines: int
    status: Status


@dataclass(frozen=True)
class CostTable:
    """Rows sorted by group (none last) and currency; totals by currency. Currencies are never added."""

    span: Span
    dimensions: tuple[CostDimension, ...]
    rows: tuple[CostRow, ...]
    totals: tuple[CostTotal, ...]


def costs_by(
    start: datetime,
    end: datetime,
    group_by: Sequence[CostDimension],
    filters: CostFilters = NO_FILTERS,
    tenants: TenantScope = EVERYBODY,
) -> CostTable:
    """Costs of the hours that start in [start, end), from roll-ups where these are whole local days.

    Raises ValueError when the range is empty. The days of a range sum to the range, in any time zone.
    """
    dimensions = tuple(dict.fromkeys(group_by))
    span = span_of(start, end, organization().zone)
    days = span.days is not None and CostDimension.HOUR not in dimensions
    parameters = span.parameters() | filters.parameters(tenants)
    parameters |= {f"by_{dimension}": dimension in dimensions for dimension in CostDimension}
    with connection.cursor() as cursor:
        cursor.execute(statement("costs_from_days" if days else "costs_from_lines"), parameters)
        raw = cursor.fetchall()
    rows = sorted(_closed(_rows(raw, dimensions), span, dimensions), key=_order)
    return CostTable(span, dimensions, tuple(rows), cost_totals(rows))


def _rows(raw: Iterable[tuple[Any, ...]], dimensions: tuple[CostDimension, ...]) -> list[CostRow]:
    places = [list(CostDimension).index(dimension) for dimension in dimensions]
    names: list[Callable[[Any], Any]] = [
        names_of(dimension).get if dimension in NAMED else _itself for dimension in dimensions
    ]
    named = [dimension in NAMED for dimension in dimensions]
    width = len(CostDimension)
    rows = []
    for row in raw:
        keys = [row[place] for place in places]
        currency, amount, usage, minutes, no_data, unpriced, some, every = row[width:]
        rows.append(
            CostRow(
                tuple(name(key) for name, key in zip(names, keys, strict=True)),
                currency,
                None if amount is None else int(amount),
                None if usage is None else int(usage),
                minutes,
                no_data,
                int(unpriced),
                status_of(some, every),
                tuple(key if is_named else None for key, is_named in zip(keys, named, strict=True)),
            )
        )
    return rows


def _closed(rows: list[CostRow], span: Span, dimensions: tuple[CostDimension, ...]) -> list[CostRow]:
    """Rows of closed months say so; a row of several months only where all of them are closed."""
    months = months_of(span)
    closed = closed_months(months)
    if not closed:
        return rows
    if closed.issuperset(months):
        return [row._replace(status=Status.CLOSED) for row in rows]
    timed = [
        place for place, name in enumerate(dimensions) if name in (CostDimension.DAY, CostDimension.HOUR)
    ]
    if not timed:
        return rows

    def is_closed(row: CostRow) -> bool:
        when = row.group[timed[0]]
        if isinstance(when, datetime):
            return month_of(when, span.zone) in closed
        return isinstance(when, date) and when.replace(day=1) in closed

    return [row._replace(status=Status.CLOSED) if is_closed(row) else row for row in rows]


def _itself(value: Any) -> Any:
    return value


def group_order(group: tuple[GroupValue, ...]) -> tuple[Any, ...]:
    """Sort key of a group: values ascending, none last."""
    return tuple((value is None, "" if value is None else value) for value in group)


def _order(row: CostRow) -> tuple[Any, ...]:
    return (*group_order(row.group), row.currency)


def cost_totals(rows: Iterable[CostRow]) -> tuple[CostTotal, ...]:
    """Totals by currency, sorted by currency."""
    by_currency: dict[str, list[CostRow]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    return tuple(
        CostTotal(
            currency,
            known_sum(row.amount_nano for row in of_currency),
            known_sum(row.usage_nano for row in of_currency),
            known_sum(row.device_minutes for row in of_currency),
            known_sum(row.no_data_minutes for row in of_currency),
            sum(row.unpriced_lines for row in of_currency),
            joint_status(row.status for row in of_currency) or Status.MIXED,
        )
        for currency, of_currency in sorted(by_currency.items())
    )


def known_sum(values: Iterable[Any]) -> Any:
    """The sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
