"""The lines of an overview's table: the same for the page and for its CSV."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attribution.domain.unit_cost import UnitCost, cost_per_success
from attribution.queries.overview import GroupBy, GroupCost, GroupRequests, Key
from portal.components.formats import change
from portal.costs.sums import known


@dataclass(frozen=True)
class GroupRow:
    """A group with its name, its requests (None: it has none to count) and its cost per success."""

    name: str
    cost: GroupCost
    requests: GroupRequests | None
    unit: UnitCost | None

    @property
    def key(self) -> Key:
        """Id or word; 0 is none."""
        return self.cost.key

    @property
    def difference(self) -> int | None:
        """Nano-units that the complete days cost more than the baseline; None where one is not known."""
        if self.cost.firm is None and self.cost.before is None:
            return None
        return (self.cost.firm or 0) - (self.cost.before or 0)

    @property
    def change(self) -> Fraction | None:
        """The same, relative to the baseline."""
        return change(self.cost.firm, self.cost.before)


def rows_of(
    costs: Iterable[GroupCost],
    requests: Mapping[Key, GroupRequests] | None,
    names: Mapping[Key, str],
) -> list[GroupRow]:
    """Rows in no order. `requests` None: what groups were asked for has no requests."""
    rows = []
    for cost in costs:
        counted = None if requests is None else requests.get(cost.key)
        unit = (
            cost_per_success(cost.now, counted.successes if counted else None)
            if requests is not None
            else None
        )
        rows.append(GroupRow(names.get(cost.key, f"#{cost.key}"), cost, counted, unit))
    return rows


def in_order(rows: Iterable[GroupRow], sort: str) -> list[GroupRow]:
    """Largest first, what is not known last; equals by name."""

    def rank(row: GroupRow) -> tuple[bool, Fraction, str, str]:
        value = _sorted_by(row, sort)
        return value is None, -(value or Fraction(0)), row.name.casefold(), str(row.key)

    return sorted(rows, key=rank)


def _sorted_by(row: GroupRow, sort: str) -> Fraction | None:
    value: int | Decimal | None
    if sort == "change":
        value = row.difference
    elif sort == "unit":
        value = row.unit.value if row.unit else None
    elif sort == "successes":
        value = row.requests.successes if row.requests else None
    else:
        value = row.cost.now
    return None if value is None else Fraction(value)


def all_requests(requests: Mapping[Key, GroupRequests]) -> GroupRequests | None:
    """The sum of groups, unknown where no group knows; None of no groups."""
    if not requests:
        return None
    return GroupRequests(*(known(values) for values in zip(*requests.values(), strict=True)))


def without(by: GroupBy) -> str:
    """What the line is called that belongs to no tenant, service, …"""
    return "No tenant" if by is GroupBy.TENANT else f"No {by}"


def total_now(rows: Sequence[GroupRow]) -> int | None:
    """What all rows cost."""
    return known(row.cost.now for row in rows)
