"""Rounding for the eye, so that the parts which a page shows add up to the total which it shows."""

from collections.abc import Sequence
from fractions import Fraction

from attribution.domain.money import NANO, split_total


def displayed_total(nano: int, places: int = 2) -> int:
    """The amount in nano-units that stands on the page when `places` decimals are shown: half to even."""
    unit = _unit(places)
    return round(Fraction(nano, unit)) * unit


def displayed_parts(parts: Sequence[int | None], places: int = 2) -> list[int | None]:
    """Parts in nano-units, each rounded to `places` decimals, summing to the displayed total.

    Each part is off by less than one displayed unit (largest remainder). An unknown part stays unknown and is
    left out of the sum. The order of the parts decides ties only.
    """
    unit = _unit(places)
    known = {index: Fraction(part, unit * NANO) for index, part in enumerate(parts) if part is not None}
    total = displayed_total(sum(part for part in parts if part is not None), places) // unit
    rounded = split_total(total, known) if known else {}
    return [rounded[index] * unit if index in rounded else None for index in range(len(parts))]


def displayed_shares(parts: Sequence[int | None], places: int = 1) -> list[Fraction | None]:
    """Each part's share of the sum, rounded to `places` decimals of a percent; together exactly 100 %.

    Everything is unknown when the sum is zero or when signs differ: a share of such a sum says nothing.
    """
    known = [part for part in parts if part is not None]
    whole = sum(known)
    if not whole or any(part * whole < 0 for part in known):
        return [None] * len(parts)
    steps = 100 * 10**places
    exact = {
        index: Fraction(part * steps, whole * NANO) for index, part in enumerate(parts) if part is not None
    }
    rounded = split_total(steps, exact)
    return [Fraction(rounded[index], steps) if index in rounded else None for index in range(len(parts))]


def _unit(places: int) -> int:
    """The smallest displayed step, in nano-units."""
    return int(10 ** (9 - places))
