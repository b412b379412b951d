"""A bill's rounded total, split over exact sums by largest remainder: a million of them in a second."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from attribution.domain.digits import BASE, Digits, as_integers, carry, total
from attribution.domain.money import NANO

# Remainders are compared as floats, whose errors are below 1e-14; what lies closer is computed exactly.
_CLOSE = 1e-12
_MOST = (2**63 - 1) // NANO  # whole units whose nano-units 64 bits hold


def split_sums(total_nano: int, sums: Digits) -> NDArray[np.int64]:
    """Split a total into pools by their exact sums, of both signs, in the order that decides ties.

    A pool's share is its exact sum plus its part, by size, of what rounding the total once has changed: for
    sums of one sign that is the plain proportional share. Parts sum to the total and lie within one nano-unit
    of their share. Raises ValueError where the total is not the rounded sum of the pools, and where a pool is
    more than 9,223,372,036 units of its currency.
    """
    _check_size(sums)
    exact = _Exact(total_nano, sums)
    whole = exact.sums[:, 0] * BASE + exact.sums[:, 1]
    below, rest = exact.parts_below_a_unit()
    parts = below
    parts += whole
    parts[_largest(rest, exact.sign * total_nano - total(parts[:, np.newaxis]), exact)] += 1
    return exact.sign * parts


def _floats(sums: Digits) -> NDArray[np.float64]:
    summed = np.zeros(len(sums))
    for column in range(sums.shape[1]):
        summed += sums[:, column] / float(BASE) ** column
    return summed


def _check_size(sums: Digits) -> None:
    units = sums[:, 0]
    beyond = (np.abs(units) > _MOST) | ((units == _MOST) & sums[:, 1:].any(axis=1))
    if beyond.any():
        raise ValueError(f"a pool of {units[beyond][0]:,} units: expected at most {_MOST:,}")


class _Exact:
    """What is split, as a positive image: a credit note splits like its mirror image.

    `sums` [n, columns], at least nano-units; `changed` by rounding, in 1 / `unit` nano-units.
    """

    def __init__(self, total_nano: int, sums: Digits) -> None:
        self.unit: int = BASE ** (sums.shape[1] - 1)
        above, below = total(sums, sums[:, 0] >= 0), total(sums, sums[:, 0] < 0)
        self.size: int = above - below
        changed = total_nano * self.unit - NANO * (above + below)
        if 2 * abs(changed) > self.unit or (changed and not self.size):
            raise ValueError(
                f"pools sum to {NANO * (above + below) / self.unit} nano-units, not to {total_nano}"
            )
        self.sign = self._sign(total_nano, sums)
        self.sums = sums if self.sign > 0 else carry(-sums)
        self.changed: int = self.sign * changed

    @staticmethod
    def _sign(total_nano: int, sums: Digits) -> int:
        """The sign of a total; of its first sum where the total is zero."""
        if total_nano:
            return -1 if total_nano < 0 else 1
        some = np.flatnonzero(sums.any(axis=1))
        return -1 if len(some) and sums[some[0], 0] < 0 else 1

    def parts_below_a_unit(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Whole nano-units that come to each sum's own (−1, 0 or 1), and what then remains, 0 … 1."""
        below = np.zeros(len(self.sums))
        for column in range(2, self.sums.shape[1]):
            below += self.sums[:, column] / float(BASE) ** (column - 1)
        if not self.changed:
            return np.zeros(len(self.sums), np.int64), below
        below += self._sizes() * float(Fraction(self.changed, self.size))
        units = np.floor(below)
        rest = below - units
        unsure = np.flatnonzero(((rest < _CLOSE) | (rest > 1 - _CLOSE)) & self.sums.any(axis=1))
        whole = units.astype(np.int64)
        if len(unsure):
            exact = [divmod(self.share(number), self.whole) for number in as_integers(self.sums[unsure])]
            own = self.sums[unsure, 0] * BASE + self.sums[unsure, 1]
            whole[unsure] = np.array([unit for unit, _ in exact], dtype=np.int64) - own
            rest[unsure] = [float(Fraction(left, self.whole)) for _, left in exact]
        return whole, rest

    def _sizes(self) -> NDArray[np.float64]:
        """Of each sum, without its sign, in currency units: −1 + 0.9 would lose digits."""
        sizes = _floats(self.sums)
        negative = np.flatnonzero(self.sums[:, 0] < 0)
        sizes[negative] = _floats(carry(-self.sums[negative]))
        return sizes

    @property
    def whole(self) -> int:
        """How many units of `share` are a nano-unit."""
        return self.unit * (self.size if self.changed else 1)

    def share(self, exact: int) -> int:
        """Of one sum in 1 / `unit`: all that is its, in 1 / `whole` nano-units."""
        if not self.changed:
            return NANO * exact
        return NANO * exact * self.size + self.changed * abs(exact)

    def ranks(self, rows: Digits) -> NDArray[np.int64]:
        """A number for each row, lower for a larger remainder, the same for the same one."""
        rests = [self.share(number) % self.whole for number in as_integers(rows)]
        rank = {rest: place for place, rest in enumerate(sorted(set(rests), reverse=True))}
        return np.array([rank[rest] for rest in rests], dtype=np.int64)


def _largest(rest: NDArray[np.float64], count: int, exact: _Exact) -> NDArray[np.int64]:
    """Where the `count` largest remainders stand; ties go to the earlier."""
    if not 0 <= count <= len(rest):
        raise AssertionError(f"{count} nano-units are left for {len(rest)} pools")
    if count in (0, len(rest)):
        return np.arange(count)
    threshold = np.partition(rest, len(rest) - count)[len(rest) - count]
    surely = rest > threshold + _CLOSE
    close = np.flatnonzero(~surely & (rest >= threshold - _CLOSE))
    rows, places = np.unique(exact.sums[close], axis=0, return_inverse=True)
    order = np.argsort(exact.ranks(rows)[places.reshape(-1)], kind="stable")
    return np.concatenate([np.flatnonzero(surely), close[order[: count - int(surely.sum())]]])
