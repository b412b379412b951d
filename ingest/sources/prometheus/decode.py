"""Answers of Prometheus become arrays.

A sample is `[1662858779.999,"0.07"]`. msgspec finds the series and leaves their samples as bytes; those of
all series become one CSV, which Arrow parses at several million samples a second: Python never sees one.
"""

import gc
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from ingest.sources.errors import SourceError

Floats = NDArray[np.float64]


class _Series(msgspec.Struct):
    metric: dict[str, str]
    values: msgspec.Raw = msgspec.Raw(b"")
    value: msgspec.Raw = msgspec.Raw(b"")


class _Data(msgspec.Struct):
    resultType: str
    result: list[_Series]


class _Answer(msgspec.Struct):
    status: str
    data: _Data | None = None
    errorType: str = ""
    error: str = ""
    warnings: list[str] = []


class Decoded(msgspec.Struct):
    """Labels of every series; all samples of all series in turn, with the series of each."""

    labels: list[dict[str, str]]
    series: NDArray[np.int64]
    times: Floats
    values: Floats
    warnings: list[str]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Thousands of small objects at once set the collector to work for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def decode(body: bytes) -> Decoded:
    """Samples of a range or instant answer, in order of series and time.

    Raises SourceError for anything but a whole, successful matrix or vector.
    """
    try:
        with _without_collector():
            answer = msgspec.json.decode(body, type=_Answer)
            if answer.status != "success" or answer.data is None:
                raise SourceError(f"{answer.status}: {answer.errorType}: {answer.error}")
            if answer.data.resultType not in ("matrix", "vector"):
                raise SourceError(f"expected a matrix or a vector, found a {answer.data.resultType}")
            return _samples(answer)
    except msgspec.DecodeError as error:
        raise SourceError(f"the answer of {len(body)} bytes is cut off or no JSON: {error}") from None


def _samples(answer: _Answer) -> Decoded:
    assert answer.data is not None  # noqa: S101 - decode saw to it
    result = answer.data.result
    # [[t,"v"],[t,"v"]] → t,"v"],[t,"v" ; a vector has one sample: [t,"v"].
    raws = [bytes(s.values)[2:-2] if s.values else bytes(s.value)[1:-1] for s in result]
    counts = [raw.count(b"],[") + 1 if raw else 0 for raw in raws]
    text = b"\n".join(raw for raw in raws if raw).replace(b"],[", b"\n")
    times, values = _parse(text)
    if len(times) != sum(counts):
        raise SourceError(f"{sum(counts)} samples announced, {len(times)} understood")
    series = np.repeat(np.arange(len(result)), counts)
    return Decoded([s.metric for s in result], series, times, values, answer.warnings)


def _parse(text: bytes) -> tuple[Floats, Floats]:
    if not text:
        return np.empty(0), np.empty(0)
    try:
        table = arrow_csv.read_csv(io.BytesIO(text), **_options())
    except pa.ArrowInvalid:
        # "+Inf" is no number to Arrow. Rare enough for Python.
        return _parse_slowly(text)
    times, values = (table.column(name).to_numpy() for name in ("time", "value"))
    return times, values


def _options() -> dict[str, Any]:
    return {
        "read_options": arrow_csv.ReadOptions(
            column_names=["time", "value"], block_size=1 << 22, use_threads=False
        ),
        "convert_options": arrow_csv.ConvertOptions(
            column_types={"time": pa.float64(), "value": pa.float64()}, null_values=[]
        ),
    }


def _parse_slowly(text: bytes) -> tuple[Floats, Floats]:
    try:
        rows = [line.split(b",") for line in text.split(b"\n")]
        times = np.array([float(time) for time, _ in rows])
        return times, np.array([float(value.strip(b'"')) for _, value in rows])
    except ValueError as error:
        raise SourceError(f"a sample is no pair of numbers: {error}") from None
