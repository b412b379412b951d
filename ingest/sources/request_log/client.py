"""Opens request logs: JSON lines, CSV or Parquet, zipped or not, some records at a time."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from ingest.sources.file_bytes import is_parquet
from ingest.sources.file_list import NamedFile
from ingest.sources.file_parquet import parquet_batches
from ingest.sources.file_text import csv_rows, text_lines
from ingest.sources.rejected import RefusedFile, Rejected, shown
from ingest.sources.request_log.mapping import LogMapping

_PLAIN = (".jsonl", ".ndjson", ".json", ".csv")
ENDINGS = (*_PLAIN, *(f"{ending}.gz" for ending in _PLAIN), ".parquet")
RECORDS_AT_ONCE = 50_000
TEXT_KEPT = 2_000


@dataclass(frozen=True)
class Chunk:
    """Some records: their lines (from 1), and their cells by our column names.

    Cells are a list of Python values or an Arrow array. `text` shows the record at a place.
    """

    lines: Sequence[int]
    cells: dict[str, Any]
    text: Callable[[int], str]
    rejections: list[Rejected] = field(default_factory=list)


def open_log(file: NamedFile, mapping: LogMapping) -> Iterator[Chunk]:
    """Read a log by what it is, not by its name. Raises RefusedFile when it cannot be read to its end."""
    if is_parquet(file.path):
        yield from _parquet(file, mapping)
    elif _first_text(file).startswith(("{", "[")):
        yield from _json_lines(file, mapping)
    else:
        yield from _csv(file, mapping)


def _first_text(file: NamedFile) -> str:
    return next((line.strip() for line in text_lines(file) if line.strip()), "{")


def _check_columns(file: NamedFile, mapping: LogMapping, present: Sequence[str]) -> None:
    if missing := [name for name in mapping.columns.values() if name not in present]:
        raise RefusedFile(
            file.name, f"columns are missing: {', '.join(missing)}; it has {', '.join(present)[:500]}"
        )


def _csv(file: NamedFile, mapping: LogMapping) -> Iterator[Chunk]:
    rows = csv_rows(file)
    _, header = next(rows, (0, []))
    _check_columns(file, mapping, header)
    while some := list(islice(rows, RECORDS_AT_ONCE)):
        rejections = [_ragged(file, line, row, header) for line, row in some if len(row) != len(header)]
        even = [(line, row) for line, row in some if len(row) == len(header)]
        columns = list(zip(*(row for _, row in even), strict=True)) or [()] * len(header)
        cells = {ours: list(columns[header.index(name)]) for ours, name in mapping.columns.items()}
        yield Chunk([line for line, _ in even], cells, _row_text([row for _, row in even]), rejections)


def _row_text(rows: list[list[str]]) -> Callable[[int], str]:
    return lambda place: ",".join(rows[place])[:TEXT_KEPT]


def _ragged(file: NamedFile, line: int, row: list[str], header: list[str]) -> Rejected:
    text = ",".join(row)[:TEXT_KEPT]
    return Rejected(file.name, line, "", f"{len(header)} cells as in the header", f"{len(row)} cells", text)


def _json_lines(file: NamedFile, mapping: LogMapping) -> Iterator[Chunk]:
    lines = ((number, line) for number, line in enumerate(text_lines(file), 1) if not line.isspace())
    while some := list(islice(lines, RECORDS_AT_ONCE)):
        good, records, rejections = _decode(file, some)
        cells = {ours: [record.get(name) for record in records] for ours, name in mapping.columns.items()}
        yield Chunk([number for number, _ in good], cells, _line_text(good), rejections)


def _line_text(lines: list[tuple[int, str]]) -> Callable[[int], str]:
    return lambda place: lines[place][1].strip()[:TEXT_KEPT]


def _decode(
    file: NamedFile, lines: list[tuple[int, str]]
) -> tuple[list[tuple[int, str]], list[dict[str, Any]], list[Rejected]]:
    decoder = msgspec.json.Decoder()
    try:
        records = decoder.decode_lines("".join(line for _, line in lines))
        if len(records) == len(lines) and all(type(record) is dict for record in records):
            return lines, records, []
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    good, records, rejections = [], [], []
    for number, line in lines:
        try:
            record = _decode_line(decoder, line)
            why = "" if isinstance(record, dict) else shown(line.strip())
        except (ValueError, RecursionError) as error:
            why = str(error)
        if why:
            text = line.strip()[:TEXT_KEPT]
            rejections.append(Rejected(file.name, number, "", "a JSON object in one line", why, text))
        else:
            good.append((number, line))
            records.append(record)
    return good, records, rejections


def _decode_line(decoder: "msgspec.json.Decoder[Any]", line: str) -> Any:
    """Python writes NaN for what it does not know, which is no JSON: it is read as null."""
    try:
        return decoder.decode(line)
    except msgspec.DecodeError:
        return json.loads(line, parse_constant=lambda name: None if name == "NaN" else name)


def _parquet(file: NamedFile, mapping: LogMapping) -> Iterator[Chunk]:
    batches = parquet_batches(file, sorted(set(mapping.columns.values())))
    _check_columns(file, mapping, list(next(batches).schema.names))
    number = 1
    for batch in batches:
        cells: dict[str, pa.Array] = {ours: batch[name] for ours, name in mapping.columns.items()}
        yield Chunk(range(number, number + len(batch)), cells, _batch_text(batch))
        number += len(batch)


def _batch_text(batch: pa.RecordBatch) -> Callable[[int], str]:
    return lambda place: str(batch.slice(place, 1).to_pylist()[0])[:TEXT_KEPT]
