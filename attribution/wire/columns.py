"""Columns out of PostgreSQL, each as one array."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.wire.connection import copy_out
from attribution.wire.strips import ARRAY, EPOCH_2000, HEADER, MINUTES


class Kind(Enum):
    """What a column holds, never null: how PostgreSQL sends a value, its bytes, and the array they become."""

    NUMBER = ("int8send({}::bigint)", ">i8", np.int64)
    SMALL = ("int4send({}::integer)", ">i4", np.int32)
    SECONDS = ("timestamptz_send({})", ">i8", np.int64)
    SIGNAL = ("array_send({})", ARRAY, np.float32)
    BYTES = ("{}", "u1", np.uint8)


def read_columns(
    query: str, parameters: Mapping[str, Any], columns: Mapping[str, Kind]
) -> dict[str, NDArray[Any]]:
    """These columns of a query: [n], of minutes [n, 60]; moments in seconds of the epoch.

    PostgreSQL joins each column into one value. A row of COPY is a message, and 576,000 rows of 13 columns
    take 2.5 s as messages, 0.6 s like this. ValueError where a column has nulls, which leave no gap.
    """
    sent = [kind.value[0].format(name) for name, kind in columns.items()]
    joined = ", ".join(f"coalesce(string_agg({value}, ''::bytea), '')" for value in sent)
    statement = f"COPY (SELECT {joined} FROM ({query}) q) TO STDOUT (FORMAT BINARY)"  # noqa: S608  # constants
    data = copy_out(statement, dict(parameters))
    found: dict[str, NDArray[Any]] = {}
    at = len(HEADER) + 2  # the number of fields
    for name, kind in columns.items():
        size = int.from_bytes(data[at : at + 4], "big")
        found[name] = _array(data, at + 4, size, kind)
        at += 4 + size
    counts = {name: len(values) for name, values in found.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"nulls in {counts}")
    return found


def _array(data: bytes, offset: int, size: int, kind: Kind) -> NDArray[Any]:
    _, layout, becomes = kind.value
    sent = np.frombuffer(data, np.uint8, size, offset)
    if kind is Kind.BYTES:
        return sent.reshape(-1, MINUTES)
    values = sent.view(np.dtype(layout))
    if kind is Kind.SIGNAL:
        values = values["items"]["value"]
    numbers: NDArray[Any] = values.astype(becomes)
    return numbers // 1_000_000 + EPOCH_2000 if kind is Kind.SECONDS else numbers
