"""Sums over the parts of an overview, with what is unknown left unknown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from attribution.queries.overview import Part
from attribution.queries.overview_days import OverviewDays
from attribution.queries.status import Status, joint_status
from portal.components.formats import change
from portal.costs.parts import component_of


@dataclass(frozen=True)
class Sum:
    """Nano-units in the range, in its compared days, in the baseline; None where nothing is priced."""

    now: int | None
    firm: int | None
    before: int | None
    unpriced_lines: int = 0
    status: Status | None = None

    @property
    def change(self) -> Fraction | None:
        """Relative change of the complete days against the baseline, None where it has no meaning."""
        return change(self.firm, self.before)


def sum_of(
    parts: Iterable[Part], days: OverviewDays, keep: Callable[[Part], bool] = lambda part: True
) -> Sum:
    """The sum of the parts to keep."""
    kept = [part for part in parts if keep(part)]
    ranged = [part for part in kept if part.day is not None]
    return Sum(
        known(part.amount_nano for part in ranged),
        known(part.amount_nano for part in ranged if part.day is not None and days.compares(part.day)),
        known(part.amount_nano for part in kept if part.day is None),
        sum(part.unpriced_lines for part in ranged),
        joint_status(part.status for part in ranged),
    )


def known(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is known; None when nothing is."""
    some = [amount for amount in amounts if amount is not None]
    return sum(some) if some else None


def of_component(component: str) -> Callable[[Part], bool]:
    """Whether a part belongs to a component."""
    return lambda part: component_of(part.kind, part.use) == component


def of_use(*uses: str) -> Callable[[Part], bool]:
    """Whether a part has one of these uses."""
    return lambda part: part.use in uses
