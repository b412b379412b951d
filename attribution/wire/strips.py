"""Hour strips as PostgreSQL's binary COPY format.

A row of known width is a NumPy structured array, so a day of 2,000 devices is one `tobytes()`;
psycopg's row-wise writer is far slower.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNALS = ("node_ready", "held", "ready", "busy", "pending", "memory")
MINUTES = 60
# Signature, flags and header extension length; the trailer is a field count of −1.
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_2000 = 946_684_800
Float32 = NDArray[np.float32]

_element = np.dtype([("length", ">i4"), ("value", ">f4")])
# One dimension of 60 float4 (type oid 700) counted from 1, each with its length before it.
ARRAY = np.dtype(
    [
        ("dimensions", ">i4"),
        ("has_null", ">i4"),
        ("oid", ">i4"),
        ("size", ">i4"),
        ("lower", ">i4"),
        ("items", _element, (MINUTES,)),
    ]
)
_field = np.dtype([("length", ">i4"), ("array", ARRAY)])


def row_type(keys: Sequence[str], signals: Sequence[str], nulls: Sequence[str] = ()) -> np.dtype[Any]:
    """The layout of a row: `hour`, int4 `keys`, arrays for `signals`, nulls for `nulls`, `inputs` bytes."""
    fields: list[tuple[str, Any]] = [("fields", ">i2"), ("hour_length", ">i4"), ("hour", ">i8")]
    for key in keys:
        fields += [(f"{key}_length", ">i4"), (key, ">i4")]
    for signal in SIGNALS:
        if signal in signals:
            fields.append((signal, _field))
        elif signal in nulls:
            fields.append((signal, ">i4"))
    return np.dtype([*fields, ("inputs_length", ">i4"), ("inputs", "u1", (MINUTES,))])


def encode(
    hour: NDArray[np.int64],
    keys: Mapping[str, NDArray[np.int32] | int],
    signals: Mapping[str, Float32],
    inputs: NDArray[np.uint8],
) -> bytes:
    """Rows for `COPY device_strip (hour, <keys>, <all signals>, inputs) FROM STDIN (FORMAT BINARY)`.

    `hour` is in epoch seconds [n]; each signal is [n, 60] with NaN for no sample; a signal that is absent
    from the mapping becomes a null array in every row.
    """
    missing = [name for name in SIGNALS if name not in signals]
    rows = np.zeros(len(hour), dtype=row_type(list(keys), list(signals), missing))
    rows["fields"] = 2 + len(keys) + len(SIGNALS)
    rows["hour_length"], rows["hour"] = 8, (hour - EPOCH_2000) * 1_000_000
    for key, values in keys.items():
        rows[f"{key}_length"], rows[key] = 4, values
    for name in missing:
        rows[name] = -1
    for name, minutes in signals.items():
        rows[name]["length"], array = ARRAY.itemsize, rows[name]["array"]
        array["dimensions"], array["oid"] = 1, 700
        array["size"], array["lower"] = MINUTES, 1
        array["items"]["length"], array["items"]["value"] = 4, minutes
    rows["inputs_length"], rows["inputs"] = MINUTES, inputs
    return HEADER + rows.tobytes() + TRAILER
