"""The cost pools behind a figure, hour by hour: what each cost, and how much of it is in the figure."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.pages import START, Page, Place, page_of
from attribution.queries.explain.versions import Pinned


class PoolHour(NamedTuple):
    """A cost pool of one window version. Ids are 0 where there is none; amounts None: unpriced.

    `in_figure_nano`, `lines` and `quantity` (in `unit`) are those of the figure's lines.
    """

    cluster_id: int
    hour: datetime
    version: int
    number: int
    kind: str
    part: str
    pool_id: int
    service_id: int
    resource: str
    bill_id: int
    price_id: int
    estimated: bool
    currency: str
    amount_nano: int | None
    in_figure_nano: int | None
    lines: int
    unpriced_lines: int
    quantity: Decimal | None
    unit: str


def pool_hours(
    asked: Asked, pinned: Pinned, *, currency: str | None = None, after: Place = START, limit: int = 100
) -> Page[PoolHour]:
    """A page of cost pools by hour, cluster and number; their parts sum to the figure's cost."""
    return page_of("explain_pools", _row, _place, asked, pinned, currency=currency, after=after, limit=limit)


def _row(row: tuple[Any, ...]) -> PoolHour:
    *head, amount, in_figure, lines, unpriced, quantity, unit = row
    found: tuple[Any, ...] = (
        *head,
        None if amount is None else int(amount),
        None if in_figure is None else int(in_figure),
        lines,
        unpriced,
        None if quantity is None else Decimal(quantity).quantize(Decimal("0.000001")),
        unit,
    )
    return PoolHour(*found)


def _place(row: PoolHour) -> Place:
    return Place(row.hour, row.cluster_id, row.number)
