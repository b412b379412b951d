"""Exact decimals in columns: whole units, then nine digits behind the point in each further column.

An array of them is int64 [n, 1 + k]. A value is the sum of column j × 10 ** (−9 j); only the whole part is
negative (−0.25 is −1 and 0.75), so that a value has one form. A decimal of Python takes 100 bytes and half a
microsecond, these 8 bytes a column, and they are summed by NumPy.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Digits = NDArray[np.int64]
BASE = 10**9
# Sums of whole parts stay below this, so that no int64 turns around unseen.
_LARGEST = 9e18


def columns_for(decimals: int) -> int:
    """How many columns hold numbers of so many decimals, whole part included."""
    return 1 + -(-decimals // 9)


def carry(values: Digits) -> Digits:
    """Bring every column but the first into 0 … 999,999,999, in place; returns the same array."""
    for column in range(values.shape[1] - 1, 0, -1):
        over, values[:, column] = np.divmod(values[:, column], BASE)
        values[:, column - 1] += over
    return values


def sums_by(keys: NDArray[np.int64], values: Digits) -> tuple[NDArray[np.int64], Digits]:
    """The keys in their order, each once, and the sum of their values.

    Raises ValueError where sums could be larger than what a column holds.
    """
    if not len(keys):
        return keys, values
    if np.abs(values[:, 0].astype(np.float64)).sum() > _LARGEST:
        raise ValueError("amounts are too large to be summed: expected below 9e18 in all")
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    # A column at a time: a copy of all of them is what a bill's memory would be made of.
    sums = np.empty((len(first), values.shape[1]), np.int64)
    for column in range(values.shape[1]):
        np.add.reduceat(values[order, column], first, out=sums[:, column])
    return keys[first], carry(sums)


def as_integers(values: Digits) -> list[int]:
    """Each value in whole units of its last column."""
    whole: list[int] = values[:, 0].tolist()
    for column in range(1, values.shape[1]):
        whole = [above * BASE + part for above, part in zip(whole, values[:, column].tolist(), strict=True)]
    return whole


def from_integers(numbers: Sequence[int], columns: int) -> Digits:
    """The opposite of `as_integers`; OverflowError where the whole part is beyond 64 bits."""
    values = np.zeros((len(numbers), columns), np.int64)
    rest = list(numbers)
    for column in range(columns - 1, 0, -1):
        values[:, column] = [number % BASE for number in rest]
        rest = [number // BASE for number in rest]
    values[:, 0] = rest
    return values


def total(values: Digits, of: "NDArray[np.bool_] | None" = None) -> int:
    """The sum in whole units of the last column, of any size; of the rows that `of` marks, or of all."""
    where = True if of is None else of
    # The whole parts may sum beyond 64 bits: by halves they do not.
    high, low = np.divmod(values[:, 0], BASE)
    whole = int(high.sum(where=where)) * BASE + int(low.sum(where=where))
    for column in range(1, values.shape[1]):
        whole = whole * BASE + int(values[:, column].sum(where=where))
    return whole
