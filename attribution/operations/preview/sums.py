"""Amounts by tenant, use and currency, added up from parts or from what stands."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

import numpy as np

from attribution.domain.joint_key import run_starts
from attribution.domain.ledger import CostPool, Int64, Task
from attribution.domain.parts import Parts
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

    def add_parts(self, parts: Parts, tasks: Sequence[Task], cost_pools: Sequence[CostPool]) -> None:
        """Add computed parts of tasks that split these cost pools."""
        if not len(parts.task):
            return
        currencies = sorted({pool.currency for pool in cost_pools})
        priced = np.array([task.priced for task in tasks], dtype=bool)[parts.task]
        of_devices = np.array([task.unit == "device-minutes" for task in tasks], dtype=bool)[parts.task]
        key = _keys(parts, tasks, [currencies.index(pool.currency) for pool in cost_pools], len(currencies))
        order = np.argsort(key, kind="stable")
        starts = run_starts(key[order])
        minutes = np.where(of_devices, np.nan_to_num(parts.quantity), 0.0)
        columns = (
            np.where(priced, parts.amount, 0), priced.astype(np.int64), minutes, (~priced).astype(np.int64)
        )  # fmt: skip
        sums = [np.add.reduceat(column[order], starts).tolist() for column in columns]
        for packed, amount, some, device_minutes, unpriced in zip(
            key[order[starts]].tolist(), *sums, strict=True
        ):
            rest, currency = divmod(packed, len(currencies))
            tenant, of_use = divmod(rest, len(USES))
            self.cells[Cell(tenant, USES[of_use], currencies[currency])].add(
                amount if some else None, Decimal(device_minutes).quantize(_MICRO), unpriced
            )


def _keys(parts: Parts, tasks: Sequence[Task], currency: Sequence[int], currencies: int) -> Int64:
    """Tenant, use and currency of each part as one number; `currency` is by cost pool."""
    of_task = [
        [
            _USE[use] * currencies + currency[task.pool_number]
            for use in (task.use, task.use_failed or task.use)
        ]
        for task in tasks
    ]
    use = np.array(of_task, dtype=np.int64)[parts.task, parts.failed.astype(np.int64)]
    keys: Int64 = parts.tenant * (len(USES) * currencies) + use
    return keys
