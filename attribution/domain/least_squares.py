"""Non-negative least squares on sums of products, so that resamples cost no second look at the data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]
Int64 = NDArray[np.int64]

RESAMPLES = 400
SEED = 20260304
# What two-sided share of the resamples an interval holds.
CONFIDENCE = 0.95
# Below this part of the largest one an eigenvalue is rounding.
_NOISE = 1e-13


@dataclass(frozen=True)
class Products:
    """Sums of products of columns and target by distinct hour: [hours, k + 1, k + 1], the target last."""

    by_hour: Floats

    @classmethod
    def of(cls, columns: Floats, target: Floats, hour: Int64) -> "Products":
        """From columns [n, k] and a target [n], sorted by hour; several rows may share an hour."""
        both = np.column_stack((columns, target))
        starts = np.flatnonzero(np.concatenate(([True], hour[1:] != hour[:-1])))
        return cls(np.add.reduceat(both[:, :, None] * both[:, None, :], starts, axis=0))

    @property
    def total(self) -> Floats:
        """Over all hours."""
        total: Floats = self.by_hour.sum(axis=0)
        return total


def solve(products: Floats) -> Floats:
    """The non-negative coefficients [k] with the least squared error; 0 for a column that is all zero."""
    size = np.sqrt(np.diag(products))
    size = np.where(size > 0, size, 1.0)
    # ‖Xb − y‖² = ‖Rb − r‖² for any root of the products; this one also exists where columns are collinear.
    values, vectors = np.linalg.eigh(products / np.outer(size, size))
    values = np.where(values > values.max() * _NOISE, values, 0.0)
    root = np.sqrt(values)[:, None] * vectors.T
    found = nnls(root[:, :-1], root[:, -1])[0] * size[-1] / size[:-1]
    return np.where(np.diag(products)[:-1] > 0, found, 0.0)


def squared_error(products: Floats, coefficients: Floats) -> float:
    """The sum of squared errors of these coefficients."""
    signed = np.append(coefficients, -1.0)
    return max(float(signed @ products @ signed), 0.0)


def block_length(hours: int) -> int:
    """Hours that stay together in a resample: what is unusual lasts for hours, so they are not independent.

    A day where there are two weeks, six hours at least.
    """
    return min(max(6, hours // 14), 24)


def resampled(products: Products) -> Floats:
    """Coefficients [RESAMPLES, k] of circular moving blocks of hours; the same data give the same figures."""
    hours = len(products.by_hour)
    length = block_length(hours)
    around = np.concatenate((products.by_hour, products.by_hour[: length - 1]))
    sums = np.concatenate((np.zeros((1, *around.shape[1:])), np.cumsum(around, axis=0)))
    blocks = sums[length:] - sums[:-length]
    starts = np.random.default_rng(SEED).integers(0, hours, (RESAMPLES, -(-hours // length)))
    return np.array([solve(blocks[chosen].sum(axis=0)) for chosen in starts])


def interval(samples: Floats) -> tuple[Floats, Floats]:
    """Lower and upper ends [k] that hold CONFIDENCE of the resamples [n, k]."""
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(samples, [outside, 1 - outside], axis=0)
    return low, high
