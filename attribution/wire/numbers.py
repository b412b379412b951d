"""Whole numbers out of PostgreSQL, as arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.wire.connection import copy_out
from attribution.wire.strips import HEADER

Int64 = NDArray[np.int64]


def read_numbers(query: str, parameters: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Int64]:
    """Each of these columns of a query [n]; all of them whole numbers and never null.

    PostgreSQL joins each column into one value. 576,000 rows of 13 columns take 0.6 s, where a message a row
    took 2.5. ValueError where a column has nulls, which would leave no gap.
    """
    joined = ", ".join(f"coalesce(string_agg(int8send({name}::bigint), ''::bytea), '')" for name in columns)
    statement = f"COPY (SELECT {joined} FROM ({query}) q) TO STDOUT (FORMAT BINARY)"  # noqa: S608  # constants
    data = copy_out(statement, dict(parameters))
    found: dict[str, Int64] = {}
    at = len(HEADER) + 2  # the number of fields
    for name in columns:
        size = int.from_bytes(data[at : at + 4], "big")
        values = np.frombuffer(data, dtype=">i8", offset=at + 4, count=size // 8)
        found[name], at = values.astype(np.int64), at + 4 + size
    if len({len(values) for values in found.values()}) > 1:
        raise ValueError(f"nulls in { ({name: len(values) for name, values in found.items()}) }")
    return found
