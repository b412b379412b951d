"""Columns of a log become arrays at once; what does not fit is marked, not raised."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]
LONGEST_NAME = 500
# Ten years of one request, and a million million tokens: more is no measure.
MOST = {"duration_us": 315_360_000 * 10**6, "engine_us": 315_360_000 * 10**6}
MOST_TOKENS = 10**12
_ZONE = r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)\s*$"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
UNKNOWN = -1


def texts(values: Any) -> tuple[pa.Array, Mask]:
    """Texts with null for nothing, and where there is something else; whole numbers are texts too."""
    if isinstance(values, pa.Array):
        values = values.to_pylist() if not _is_text(values.type) else values.cast(pa.string())
    try:
        array = pa.array(values, pa.string())
    except (pa.ArrowException, UnicodeError, TypeError):
        return _slow_texts(values)
    return pc.if_else(pc.equal(array, ""), None, array), np.zeros(len(array), dtype=bool)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or (pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))
    )


def _slow_texts(values: list[Any]) -> tuple[pa.Array, Mask]:
    out: list[str | None] = []
    bad = np.zeros(len(values), dtype=bool)
    for place, value in enumerate(values):
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(value, float) and value.is_integer():
            text = str(int(value))  # a warehouse made doubles of statuses
        fits = text is None or (isinstance(text, str) and _encodes(text))
        bad[place] = not fits
        out.append((text or None) if fits else None)
    return pa.array(out, pa.string()), bad


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeError:
        return False
    return True


def names(values: Any, intern: Callable[[str | None], int]) -> tuple[Int64, Mask]:
    """Codes of names, asked once for each different one; a name that no table can hold is bad."""
    array, bad = texts(values)
    encoded = array.dictionary_encode()
    known = encoded.dictionary.to_pylist()
    fits = [len(name) <= LONGEST_NAME and "\0" not in name for name in known]
    codes = [intern(name) if fit else 0 for name, fit in zip(known, fits, strict=True)]
    table = np.array([*codes, intern(None)], dtype=np.int64)
    places = encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    return table[places], bad | ~np.array([*fits, True], dtype=bool)[places]


def hashes(values: Any) -> tuple[Int64, Mask, Mask]:
    """64 bits of each id's hash, where there is an id, and where there is something else."""
    array, bad = texts(values)
    digests = b"".join(
        hashlib.blake2b((text or "").encode(), digest_size=8).digest() for text in array.to_pylist()
    )
    return np.frombuffer(digests, dtype="<i8").astype(np.int64), array.is_valid().to_numpy(False), bad


def measures(values: Any, unit: int, most: int) -> tuple[Int64, Mask]:
    """Whole units, UNKNOWN where nothing is said; negative, not finite or beyond `most` is bad.

    Of tokens (`unit` 1) there are no parts.
    """
    numbers, known, bad = _floats(values)
    scaled = np.rint(np.where(known & ~bad, numbers, 0) * unit)
    bad |= known & ((numbers < 0) | (scaled > most))
    if unit == 1:
        bad |= known & (scaled != numbers)
    scaled[bad] = 0
    return np.where(known & ~bad, scaled, UNKNOWN).astype(np.int64), bad


def _floats(values: Any) -> tuple[NDArray[np.float64], Mask, Mask]:
    """Figures, where there are some, and where there is something else."""
    listed = values.to_pylist() if isinstance(values, pa.Array) else values
    numbers = np.zeros(len(listed))
    known = np.ones(len(listed), dtype=bool)
    bad = np.zeros(len(listed), dtype=bool)
    for place, value in enumerate(listed):
        if value != value:  # NaN: pandas' way to say nothing
            known[place] = False
        elif type(value) in (float, int):
            numbers[place] = value if abs(value) < 1e300 else np.inf
        elif value is None or value == "":
            known[place] = False
        elif isinstance(value, Decimal) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
            numbers[place] = float(value)
        else:
            bad[place] = True
    with np.errstate(invalid="ignore"):
        return numbers, known, bad | ~np.isfinite(numbers)


def moments(values: Any, naive_utc: bool) -> tuple[Int64, Mask]:
    """Microseconds since 1970, and where there is no time, or one of no known zone.

    ISO 8601 with a zone; numbers are Unix seconds or, where that makes no sense, milliseconds.
    """
    if isinstance(values, pa.Array) and pa.types.is_timestamp(values.type):
        known = values.is_valid().to_numpy(False) & (naive_utc or values.type.tz is not None)
        return values.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).fill_null(0).to_numpy(), ~known
    listed = values.to_pylist() if isinstance(values, pa.Array) else values
    try:
        array = pa.array(listed, pa.string())
    except (pa.ArrowException, UnicodeError, TypeError):
        array = pa.array([_as_text(value) for value in listed], pa.string())
    zoned = pc.match_substring_regex(array, _ZONE).fill_null(False).to_numpy(False)
    parsed = pd.to_datetime(
        pd.Series(array.to_pylist(), dtype=object), format="ISO8601", utc=True, errors="coerce"
    ).dt.as_unit("us")
    good = parsed.notna().to_numpy() & (zoned | naive_utc)
    return np.where(good, parsed.astype("int64").to_numpy(), 0), ~good


def _as_text(value: Any) -> str | None:
    """A value of a mixed column: a Unix time is as good as its ISO text."""
    if isinstance(value, str):
        return value if _encodes(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e13:
        return None
    seconds = value if value < 1e11 else value / 1_000
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds < 4e9 else None
