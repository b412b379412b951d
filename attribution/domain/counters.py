"""Increase of counters over their samples, with resets and gaps.

A fall is a reset: the counter began again at zero, so the new value is what was added. A gap is
bridged by the samples around it. A first sample has no predecessor and adds nothing; give 0 as the
predecessor of a series that is known to have started inside the window. Values that are missing, not
finite or negative are no samples.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)


def increases(samples: Floats) -> Floats:
    """Return the increase per series of an array [series, samples], whose first column precedes."""
    sums: Floats = _steps(samples).sum(axis=1)
    return sums


def increases_by_hour(samples: Floats, per_hour: int = 60) -> Floats:
    """Return [series, hours] from an array [series, 1 + per_hour * hours].

    The first column is the last sample before the window. What was added across a gap counts in the
    hour of the sample that shows it. 0 says that nothing was seen to be added: `sampled_hours` tells
    whether anything was seen.
    """
    sums: Floats = _by_hour(_steps(samples), per_hour).sum(axis=2)
    return sums


def sampled_hours(samples: Floats, per_hour: int = 60) -> NDArray[np.bool_]:
    """Return [series, hours]: was there any sample in the hour?"""
    seen: NDArray[np.bool_] = np.any(_by_hour(_is_sample(samples)[:, 1:], per_hour), axis=2)
    return seen


def _steps(samples: Floats) -> Floats:
    """Return what every sample but the first adds to the last sample before it: [series, samples - 1]."""
    values = np.asarray(samples, dtype=np.float64)
    known = _is_sample(values)
    columns = np.arange(values.shape[1])
    latest = np.maximum.accumulate(np.where(known, columns, -1), axis=1)
    before = latest[:, :-1]
    previous = np.take_along_axis(values, np.maximum(before, 0), axis=1)
    current = values[:, 1:]
    added = np.where(current < previous, current, current - previous)
    return np.where(known[:, 1:] & (before >= 0), added, 0.0)


def _is_sample(values: Floats) -> NDArray[np.bool_]:
    return np.isfinite(values) & (values >= 0)


def _by_hour(steps: NDArray[T], per_hour: int) -> NDArray[T]:
    if steps.shape[1] % per_hour:
        raise ValueError(f"{steps.shape[1]} samples are no whole hours of {per_hour}")
    return steps.reshape(steps.shape[0], steps.shape[1] // per_hour, per_hour)
