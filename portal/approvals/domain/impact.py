"""What a change would cost a month, with a range: from the differences of some past weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

WEEKS_A_MONTH = Fraction(365, 7 * 12)
METHOD = (
    "each of the last {weeks} whole weeks computed as if the change had held, scaled to a month "
    "(365/84 weeks): the median, from the lowest to the highest week"
)


@dataclass(frozen=True)
class Range:
    """Nano-units a month, whole numbers."""

    low: int
    middle: int
    high: int


def monthly(weeks: Sequence[int | None]) -> Range | None:
    """The range of weekly nano-units, scaled to a month; None when a week is unknown or there is none."""
    known = [Fraction(week) * WEEKS_A_MONTH for week in weeks if week is not None]
    if not known or len(known) < len(weeks):
        return None
    return Range(round(min(known)), round(median(known)), round(max(known)))


def moved(differences: Sequence[int | None]) -> int | None:
    """How much money changes hands or is spent more: the larger of all increases and all decreases."""
    if any(one is None for one in differences):
        return None
    up = sum(one for one in differences if one is not None and one > 0)
    down = -sum(one for one in differences if one is not None and one < 0)
    return max(up, down)


def drifted(before: int | None, now: int | None, per_mille: int, floor: int = 10**9) -> bool:
    """Whether a figure moved by more than so many parts of a thousand, and by more than `floor` nano-units.

    Unknown differs from every figure.
    """
    if before is None or now is None:
        return before is not now
    return abs(now - before) > max(floor, abs(before) * per_mille // 1000)
