"""The rows of a bill behind some cost pools, with the part of each that falls into a range."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from heapq import nsmallest
from typing import NamedTuple

from attribution.domain.bill_pools import Scope
from attribution.domain.prices import spread_weights
from attribution.models.bill import Bill
from attribution.operations.bill_lines import bill_lines, live_scope
from attribution.operations.usage_spread import UsageSpread


@dataclass(frozen=True)
class Wanted:
    """Which cost pools are meant; None: any. `resource` is that of pools of machines that nobody saw."""

    cluster_id: int | None = None
    pool_id: int | None = None
    service_id: int | None = None
    kind: str | None = None
    part: str | None = None
    resource: str | None = None
    currency: str | None = None

    def has(self, scope: Scope) -> bool:
        """Whether a scope is among them."""
        return all(value is None or getattr(scope, name) == value for name, value in vars(self).items())


class BillRow(NamedTuple):
    """A row, the cost pool it went to, and its part in whole currency units, exactly."""

    row_number: int
    scope: Scope
    in_range: Fraction


def bill_rows(
    *, bill_id: int, start: datetime, end: datetime, wanted: Wanted, after: int = -1, limit: int = 100
) -> tuple[tuple[BillRow, ...], int | None]:
    """Rows with a part in the hours of [start, end), by number behind `after`; and the last number of a page.

    The whole bill is read for every page, row by row. What the rows of one pool-hour sum to is the pool's
    amount but for rounding: a bill is rounded once, and its pools are a largest-remainder split of it.
    """
    found = nsmallest(limit + 1, _rows(bill_id, start, end, wanted, after), key=lambda row: row.row_number)
    return tuple(found[:limit]), found[limit - 1].row_number if len(found) > limit else None


def _rows(bill_id: int, start: datetime, end: datetime, wanted: Wanted, after: int) -> Iterator[BillRow]:
    bill = Bill.objects.select_related("source").get(pk=bill_id)
    spread = UsageSpread(bill)
    for each in bill_lines(bill):
        if each.row_number <= after or each.start >= end:
            continue
        scope, live = live_scope(each, spread)
        if not wanted.has(scope):
            continue
        weights = spread_weights(each.start, each.end, live)
        inside = sum(weight for hour, weight in weights.items() if start <= hour < end)
        if inside:
            part = Fraction(each.amount) * Fraction(inside, sum(weights.values()))
            yield BillRow(each.row_number, scope, part)
