"""The lines of an overview's table: the same for the page and for its CSV."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from attribution.domain.unit_cost import OF_NOBODY, UnitCost, cost_per_success
from attribution.queries.overview import GroupBy, GroupCost, GroupRequests, Key
from portal.components.formats import change
from portal.costs.sums import known

NOT_KNOWN = GroupRequests(None, None, None, None, None, None)


@dataclass(frozen=True)
class GroupRow:
    """A group and its requests (None: such groups have none to count).

    `names` are shared by all rows, and have those of the rows that are shown.
    """

    cost: GroupCost
    requests: GroupRequests | None
    names: Mapping[Key, str]

    @property
    def key(self) -> Key:
        """Id or word; 0 is none."""
        return self.cost.key

    @property
    def name(self) -> str:
        """What the group is called."""
        return self.names.get(self.key, f"#{self.key}")

    @property
    def unit(self) -> UnitCost | None:
        """Cost per successful request, or why there is none; None for groups without requests."""
        if self.requests is None:
            return None
        return OF_NOBODY if self.key == 0 else cost_per_success(self.cost.now, self.requests.successes)

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
    return [
        GroupRow(cost, None if requests is None else requests.get(cost.key, NOT_KNOWN), names)
        for cost in costs
    ]


def in_order(rows: Iterable[GroupRow], sort: str) -> list[GroupRow]:
    """Largest first, what is not known last; equals by id."""
    ordered = sorted(rows, key=lambda row: str(row.key))
    values = [(_sorted_by(row, sort), row) for row in ordered]
    known = [(value, row) for value, row in values if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=True)  # stable: equals stay by id
    return [*(row for _, row in known), *(row for value, row in values if value is None)]


def _sorted_by(row: GroupRow, sort: str) -> int | Decimal | None:
    if sort == "change":
        return row.difference
    if sort == "unit":
        return row.unit.value if row.unit else None
    if sort == "successes":
        return row.requests.successes if row.requests else None
    return row.cost.now


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
