"""Rounding for the eye, so that the parts which a page shows add up to the total which it shows.

All in whole numbers: a page may have thousands of parts.
"""

from collections.abc import Sequence
from fractions import Fraction


def displayed_total(nano: int, places: int = 2) -> int:
    """The amount in nano-units that stands on the page when `places` decimals are shown: half to even."""
    unit = _unit(places)
    return round(Fraction(nano, unit)) * unit


def displayed_parts(parts: Sequence[int | None], places: int = 2) -> list[int | None]:
    """Parts in nano-units, each rounded to `places` decimals, summing to the displayed total.

    Each part is off by less than one displayed unit (largest remainder). An unknown part stays unknown and is
    left out of the sum. The order of the parts decides ties only. Below zero it is a mirror image.
    """
    unit = _unit(places)
    whole = sum(part for part in parts if part is not None)
    sign = -1 if whole < 0 else 1
    total = displayed_total(sign * whole, places) // unit
    pairs = [None if part is None else divmod(sign * part, unit) for part in parts]
    return [None if part is None else sign * part * unit for part in _handed_out(pairs, total)]


def displayed_shares(parts: Sequence[int | None], places: int = 1) -> list[Fraction | None]:
    """Each part's share of the sum, rounded to `places` decimals of a percent; together exactly 100 %.

    Everything is unknown when the sum is zero or when signs differ: a share of such a sum says nothing.
    """
    whole = sum(part for part in parts if part is not None)
    if not whole or any(part * whole < 0 for part in parts if part is not None):
        return [None] * len(parts)
    steps = 100 * 10**places
    pairs = [None if part is None else divmod(abs(part) * steps, abs(whole)) for part in parts]
    return [None if part is None else Fraction(part, steps) for part in _handed_out(pairs, steps)]


def _handed_out(pairs: Sequence[tuple[int, int] | None], total: int) -> list[int | None]:
    """Quotients, with what they lack of the total handed out by ones to the largest rests."""
    parts = [None if pair is None else pair[0] for pair in pairs]
    missing = total - sum(part for part in parts if part is not None)
    rests = [(-pair[1], index) for index, pair in enumerate(pairs) if pair is not None and pair[1]]
    for _, index in sorted(rests)[:missing]:
        parts[index] = (parts[index] or 0) + 1
    return parts


def _unit(places: int) -> int:
    """The smallest displayed step, in nano-units."""
    return int(10 ** (9 - places))
