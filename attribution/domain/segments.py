"""Largest remainder over many segments at once: the fast twin of `money.largest_remainder`.

The exact share `amount * weight / total` needs up to 126 bits. Instead of multiplying that out, a
float estimate of the quotient is put right by its remainder in wrapping 64-bit arithmetic, which is
exact as long as the true remainder fits in 63 bits. The few segments that could break this bound
are computed with Python integers.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from attribution.domain.money import largest_remainder

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]
N = TypeVar("N", np.int64, np.float64)

_BOUND = 2.0**62
# Five roundings of 2**-53 (three conversions, the product, the quotient) stay under this.
_FLOAT_ERROR = 2.0**-50


class Segments(NamedTuple):
    """Parts per weight, and per segment whether it holds an amount that no weight can take."""

    parts: Int64
    unsplit: Bool


def split_segments(amounts: Int64, offsets: Int64, weights: Int64) -> Segments:
    """Split `amounts[i]` over `weights[offsets[i]:offsets[i + 1]]` for every segment i.

    `offsets` has one more element than `amounts`, starts at 0 and ends at `len(weights)`. Equal, bit
    for bit, to `largest_remainder` per segment; where that gives None the parts are zeros and
    `unsplit` is set. Raises ValueError for negative weights or offsets that do not fit.
    """
    amounts, offsets, weights = (np.asarray(array, dtype=np.int64) for array in (amounts, offsets, weights))
    _check(amounts, offsets, weights)
    sizes = np.diff(offsets)
    rough = _sums(weights.astype(np.float64), offsets)
    size = np.abs(amounts.astype(np.float64))
    fits = (size < _BOUND) & (rough < _BOUND) & (rough * (size * _FLOAT_ERROR + 2) < _BOUND)
    # A total of zero divides by one: every weight is zero, so every part is.
    totals = np.where(fits, np.maximum(_sums(weights, offsets), 1), 1)
    whole = np.where(fits, np.abs(np.where(fits, amounts, 0)), 0)
    parts = _split_fitting(whole, totals, sizes, np.where(np.repeat(fits, sizes), weights, 0))
    parts *= np.repeat(np.where(amounts < 0, -1, 1), sizes)
    for index in np.flatnonzero(~fits):
        here = slice(int(offsets[index]), int(offsets[index + 1]))
        parts[here] = largest_remainder(int(amounts[index]), weights[here].tolist()) or 0
    return Segments(parts, (rough == 0) & (amounts != 0))


def _split_fitting(amounts: Int64, totals: Int64, sizes: Int64, weights: Int64) -> Int64:
    """Split amounts that are not negative and whose remainders fit in 63 bits."""
    amount, total = np.repeat(amounts, sizes), np.repeat(totals, sizes)
    guess = amount.astype(np.float64) * weights
    guess /= total
    parts = guess.astype(np.int64)
    off, rests = np.divmod(_wrapping(amount, weights) - _wrapping(parts, total), total)
    parts += off
    left = amounts - _sums(parts, _offsets(sizes))
    parts[_winners(left, sizes, rests)] += 1
    return parts


def _winners(left: Int64, sizes: Int64, rests: Int64) -> Int64:
    """Return the places of the `left[i]` largest rests of each segment; ties go to the earlier."""
    places = np.flatnonzero(np.repeat(left > 0, sizes) & (rests > 0))
    segment = np.repeat(np.arange(len(sizes)), sizes)[places]
    order = _largest_first(segment, rests[places])
    # Sorting kept the segments in their order, so only the places inside them have moved.
    rank = np.arange(len(order)) - np.searchsorted(segment, np.arange(len(sizes)))[segment]
    winners: Int64 = places[order[rank < left[segment]]]
    return winners


def _largest_first(segment: Int64, rests: Int64) -> Int64:
    """Return the stable order by segment, and within it by falling rest."""
    span = int(rests.max(initial=0)) + 1
    if (int(segment.max(initial=0)) + 1) * span < _BOUND:
        # One sort of a joint key takes half the time of sorting by one and then by the other.
        return np.argsort(segment * span - rests, kind="stable")
    return np.lexsort((-rests, segment))


def _wrapping(left: Int64, right: Int64) -> Int64:
    return (left.view(np.uint64) * right.view(np.uint64)).view(np.int64)


def _offsets(sizes: Int64) -> Int64:
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))


def _sums(values: NDArray[N], offsets: Int64) -> NDArray[N]:
    """Sum every segment; `reduceat` reads an empty segment as its neighbour, so those are left out."""
    sums = np.zeros(len(offsets) - 1, dtype=values.dtype)
    filled = np.diff(offsets) > 0
    if filled.any():
        sums[filled] = np.add.reduceat(values, offsets[:-1][filled])
    return sums


def _check(amounts: Int64, offsets: Int64, weights: Int64) -> None:
    ordered = len(offsets) == len(amounts) + 1 and bool(np.all(np.diff(offsets) >= 0))
    if not ordered or offsets[0] != 0 or offsets[-1] != len(weights):
        raise ValueError(
            f"{len(offsets)} offsets do not cut {len(weights)} weights into {len(amounts)} segments"
        )
    if len(weights) and weights.min() < 0:
        raise ValueError(f"a weight is negative: {weights.min()}")
