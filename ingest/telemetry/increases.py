"""What counters added, by the hour."""

import numpy as np
from numpy.typing import NDArray

from attribution.domain.counters import increases_by_hour, sampled_hours
from ingest.telemetry.reading import Reading

Floats = NDArray[np.float64]
# Scrapes of one source lie within minutes of each other. A series that comes later than that was born.
GRACE = 10


def hourly(reading: Reading) -> Floats:
    """[series, hours], scaled; NaN where a series had no sample in the hour."""
    values = _born_at_zero(np.asarray(reading.values, dtype=np.float64))
    added = increases_by_hour(values) * reading.signal.scale
    return np.where(sampled_hours(values), added, np.nan)


def _born_at_zero(values: Floats) -> Floats:
    """Give a 0 before the first sample of series that began while the metric was being read already.

    The first request of a team makes its series, at 1: without this it would be lost. Where the whole metric
    begins, nobody knows what was counted before, and the first samples are only starts.
    """
    known = ~np.isnan(values)
    some = known.any(axis=1)
    if not some.any():
        return values
    first = np.where(some, known.argmax(axis=1), values.shape[1])
    born = some & (first > first.min() + GRACE)
    values = values.copy()
    values[born, 0] = 0.0
    return values
