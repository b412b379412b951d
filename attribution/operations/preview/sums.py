"""Amounts by tenant, use and currency, added up from lines or from what stands."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

import numpy as np

from attribution.domain.ledger import CostPool, Lines
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import USES, CostDimension
from attribution.queries.filters import NO_FILTERS, CostFilters

K = TypeVar("K", bound=Hashable)
_USE = {use: code for code, use in enumerate(USES)}
_MICRO = Decimal("0.000001")


class Cell(NamedTuple):
    """Whose, what for, in which currency; tenant 0: nobody's."""

    tenant_id: int
    use: str
    currency: str


@dataclass
class Sum:
    """`amount` in nano-units, None when no line has a price; device-minutes; lines without a price."""

    amount: int | None = None
    minutes: Decimal = Decimal(0)
    unpriced: int = 0

    def add(self, amount: int | None, minutes: Decimal, unpriced: int) -> None:
        """Add to what is known."""
        if amount is not None:
            self.amount = (self.amount or 0) + amount
        self.minutes += minutes
        self.unpriced += unpriced


class Sums:
    """Sums by cell."""

    def __init__(self) -> None:
        self.cells: dict[Cell, Sum] = defaultdict(Sum)

    def by(self, key: Callable[[Cell], K]) -> Mapping[K, Sum]:
        """The same, less finely."""
        found: dict[K, Sum] = defaultdict(Sum)
        for cell, part in self.cells.items():
            found[key(cell)].add(part.amount, part.minutes, part.unpriced)
        return found

    def add_standing(self, start: datetime, end: datetime, clusters: Iterable[int] | None = None) -> None:
        """Add what the ledger says of hours that start in [start, end), of some clusters or of all."""
        if start >= end:
            return
        filters = NO_FILTERS if clusters is None else CostFilters(cluster=frozenset(clusters))
        table = costs_by(start, end, (CostDimension.TENANT, CostDimension.USE), filters)
        for row in table.rows:
            cell = Cell(row.ids[0] or 0, str(row.group[1]), row.currency)
            minutes = (row.device_minutes or Decimal(0)).quantize(_MICRO)
            self.cells[cell].add(row.amount_nano, minutes, row.unpriced_lines)

    def add_lines(self, lines: Lines, cost_pools: Sequence[CostPool]) -> None:
        """Add computed lines of these cost pools."""
        if not len(lines.hour):
            return
        currencies = sorted({pool.currency for pool in cost_pools})
        code = np.array([currencies.index(pool.currency) for pool in cost_pools], dtype=np.int64)
        use = np.fromiter(map(_USE.__getitem__, lines.use), dtype=np.int64, count=len(lines.use))
        key = (lines.tenant * len(USES) + use) * len(currencies) + code[lines.pool_number]
        order = np.argsort(key, kind="stable")
        found, starts = np.unique(key[order], return_index=True)
        minutes = np.where(lines.unit == "device-minutes", np.nan_to_num(lines.quantity), 0.0)
        columns = (
            np.where(lines.priced, lines.amount, 0), lines.priced.astype(np.int64), minutes,
            (~lines.priced).astype(np.int64),
        )  # fmt: skip
        sums = [np.add.reduceat(column[order], starts).tolist() for column in columns]
        for packed, amount, priced, device_minutes, unpriced in zip(found.tolist(), *sums, strict=True):
            rest, currency = divmod(packed, len(currencies))
            tenant, of_use = divmod(rest, len(USES))
            self.cells[Cell(tenant, USES[of_use], currencies[currency])].add(
                amount if priced else None, Decimal(device_minutes).quantize(_MICRO), unpriced
            )
