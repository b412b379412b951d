"""Opens bills: CSV, gzip or Parquet, as rows of texts."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from ingest.sources.file_bytes import is_parquet, read_through
from ingest.sources.file_list import NamedFile
from ingest.sources.file_parquet import parquet_batches
from ingest.sources.file_text import csv_rows
from ingest.sources.rejected import RefusedFile

ENDINGS = (".csv", ".csv.gz", ".parquet")


class Table(NamedTuple):
    """A header, and rows with their line (CSV) or number (Parquet), both counted from 1."""

    header: list[str]
    rows: Iterable[tuple[int, list[str | None]]]


def open_table(file: NamedFile) -> Table:
    """Open a file of a bill by what it is, not by its name. Raises RefusedFile, also while rows are read."""
    return _open_parquet(file) if is_parquet(file.path) else _open_csv(file)


def _open_csv(file: NamedFile) -> Table:
    read_through(file)
    rows = csv_rows(file)
    first = next(rows, None)
    if first is None:
        raise RefusedFile(file.name, "the file is empty")
    return Table(first[1], rows)  # type: ignore[arg-type]  # a list of str is read as one of str or None


def _open_parquet(file: NamedFile) -> Table:
    batches = parquet_batches(file)
    return Table(list(next(batches).schema.names), _parquet_rows(batches))


def _parquet_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, list[str | None]]]:
    number = 0
    for batch in batches:
        columns = [[_text(value) for value in _plain(column).to_pylist()] for column in batch.columns]
        for row in zip(*columns, strict=True):
            number += 1
            yield number, list(row)


def _plain(column: pa.Array) -> pa.Array:
    """Python has no nanoseconds, and FOCUS no fractions of a second."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column


def _text(value: Any) -> str | None:
    """As a CSV would have it. A double becomes its shortest exact text: 0.1 stays 0.1."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        # A Parquet map arrives as a list of pairs.
        pairs = isinstance(value, list) and all(isinstance(item, tuple) for item in value)
        return json.dumps(dict(value) if pairs else value, default=str)
    return repr(value) if isinstance(value, float) else str(value)
