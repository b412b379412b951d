"""The rows of a bill behind some cost pools, with the part of each that falls into a range."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np

from attribution.domain.bill_pools import Scope
from attribution.domain.digits import BASE, as_integers, columns_for
from attribution.domain.hours import hours
from attribution.domain.node_pools import is_divided
from attribution.domain.prices import spread_weights
from attribution.models.bill import Bill
from attribution.models.pool import Pool
from attribution.operations.bill_lines import bill_lines, size_of
from attribution.operations.billed_hours import live_scope, micros, moment, silent
from attribution.operations.declared import Declared
from attribution.operations.node_divisions import NodeDivisions
from attribution.operations.places import Places
from attribution.operations.usage_spread import UsageSpread


@dataclass(frozen=True)
class Wanted:
    """Which cost pools are meant; None: any. `resource` is that of pools of machines that nobody saw.

    With a pool, of a node whose devices are of several pools only that pool's part is meant.
    """

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

    def has_part_of(self, scope: Scope) -> bool:
        """Whether one pool's part of a divided node is among them."""
        return self.pool_id is not None and self.has(scope._replace(pool_id=self.pool_id, resource=""))

    def may_have(self, scope: Scope) -> bool:
        """Whether a scope may be among them once it is known whether its node lived."""
        return any(self.has(each) or self.has_part_of(each) for each in (scope, silent(scope)))


class NodePart(NamedTuple):
    """Of which node a row's part is, what of the row in the range it is, and by what it was divided."""

    node: str
    share: Fraction
    by: str


class BillRow(NamedTuple):
    """A row, the cost pool it went to, and its part in whole currency units, exactly.

    `of_node`: where the row is of a node that several pools divide.
    """

    row_number: int
    scope: Scope
    in_range: Fraction
    of_node: NodePart | None = None


def bill_rows(
    *, bill_id: int, start: datetime, end: datetime, wanted: Wanted, after: int = -1, limit: int = 100
) -> tuple[tuple[BillRow, ...], int | None]:
    """Rows with a part in the hours of [start, end), by number behind `after`; and the last number of a page.

    A bill is read from there on, row by row, until there are enough. What the rows of one pool-hour sum to is
    the pool's amount but for rounding: a bill is rounded once, its pools are a largest-remainder split of it.
    """
    found = list(islice(_rows(bill_id, start, end, wanted, after), limit + 1))
    return tuple(found[:limit]), found[limit - 1].row_number if len(found) > limit else None


def _rows(bill_id: int, start: datetime, end: datetime, wanted: Wanted, after: int) -> Iterator[BillRow]:
    bill = Bill.objects.select_related("source").get(pk=bill_id)
    if (size := size_of(bill)) is None:
        return
    spread, nodes, columns = UsageSpread(bill), _Nodes(start, end), columns_for(size.digits)
    unit = BASE ** (columns - 1)
    for lines in bill_lines(bill, size, columns, after):
        meant = np.array([wanted.may_have(meaning.scope) for meaning in lines.meanings])
        some = np.flatnonzero(meant[lines.meaning] & (lines.start < micros(end)))
        for line in some[np.argsort(lines.number[some])].tolist():
            meaning, number = lines.meanings[lines.meaning[line]], int(lines.number[line])
            began, ended = moment(int(lines.start[line])), moment(int(lines.end[line]))
            scope, live = live_scope(meaning, began, ended, spread)
            divided = is_divided(scope.kind, scope.part, scope.resource) and wanted.has_part_of(scope)
            if not (divided or wanted.has(scope)):
                continue
            weights = spread_weights(began, ended, live)
            inside = {hour: weight for hour, weight in weights.items() if start <= hour < end}
            if inside:
                share = Fraction(sum(inside.values()), sum(weights.values()))
                (amount,) = as_integers(lines.amount[line : line + 1])
                row = BillRow(number, scope, Fraction(amount, unit) * share)
                row = nodes.part(row, inside, wanted.pool_id or 0) if divided else row
                if row.of_node is None or row.of_node.share:
                    yield row


class _Nodes:
    """Nodes whose devices are of several pools, in the hours of a range."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._hours = {hour: place for place, hour in enumerate(hours(start, end))}
        self._declared = cache(lambda: Declared(list(self._hours)))
        self._of_cluster = cache(self._divisions)

    def _divisions(self, cluster_id: int) -> NodeDivisions:
        pools = Pool.objects.filter(cluster_id=cluster_id).order_by("pk")
        places = Places(cluster_id, [0, *pools.values_list("pk", flat=True)], create_tenants=False)
        return NodeDivisions(places, list(self._hours), self._declared())

    def part(self, row: BillRow, weights: Mapping[datetime, int], pool_id: int) -> BillRow:
        """What of a row one pool bears; weights are those of the row's hours in the range."""
        divisions = self._of_cluster(row.scope.cluster_id)
        share, by = Fraction(0), set()
        for hour, weight in weights.items():
            found = divisions.of(self._hours[hour], row.scope.resource)
            share += weight * Fraction(found.weights.get(pool_id, 0), sum(found.weights.values()))
            by.add(found.by)
        share /= sum(weights.values()) or 1
        return BillRow(
            row.row_number,
            row.scope._replace(pool_id=pool_id, resource=""),
            row.in_range * share,
            NodePart(row.scope.resource, share, ", ".join(sorted(by))),
        )
