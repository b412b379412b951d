"""Series that speak of the same thing become one row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.reading import Reading

Float32 = NDArray[np.float32]


def rows_of(places: Sequence[int], values: Float32, count: int, how: str = "max") -> Float32:
    """[count, minutes] from [series, minutes]: row `places[s]` takes series s; NaN where nothing is known.

    Several series of one row are reduced by `how`: max, min or sum.
    """
    rows = np.full((count, values.shape[1]), np.nan, dtype=np.float32)
    index = np.asarray(places, dtype=np.int64)
    if len(np.unique(index)) == len(index):
        rows[index] = values
        return rows
    for place, series in zip(places, values, strict=True):
        into(rows[place], series, how)
    return rows


def into(row: Float32, other: Float32, how: str) -> None:
    """Reduce `other` into `row`, minute by minute; NaN is nothing."""
    if how == "sum":
        both = np.where(np.isnan(row), other, row + np.nan_to_num(other))
        row[...] = both
    else:
        (np.fmin if how == "min" else np.fmax)(row, other, out=row)


def by_key(
    readings: Sequence[Reading], key: Mapping[Any, int], key_of: Sequence[str], how: str
) -> Float32 | None:
    """Readings of one fact as [len(key), minutes], by the values of some roles; None without any series.

    `key` is a row by those values, a tuple in the order of `key_of`.

    Within a signal series are reduced as the signal says, across signals by `how`.
    """
    rows: Float32 | None = None
    for reading in readings:
        places, kept = [], []
        for place, series in enumerate(reading.series):
            found = key.get(tuple(series.get(role, "") for role in key_of))
            if found is not None:
                places.append(found)
                kept.append(place)
        if not kept:
            continue
        values = np.asarray(reading.values[kept], dtype=np.float32)
        merged = rows_of(places, values, len(key), reading.signal.aggregate)
        if rows is None:
            rows = merged
        else:
            into(rows, merged, how)
    return rows
