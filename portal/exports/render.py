"""Answers as bytes, a piece at a time: JSON, and CSV that a spreadsheet cannot run."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from portal.components.csv_cells import guarded
from portal.exports.answers import Answer

CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_ROWS_AT_ONCE = 500
_BOM = "\ufeff"


def rendered(answer: Answer, form: str) -> Iterator[bytes]:
    """The answer in a format of FORMATS."""
    return as_csv(answer) if form == "csv" else as_json(answer)


def as_json(answer: Answer) -> Iterator[bytes]:
    """One object; its rows come last, a line each."""
    yield msgspec.json.encode(answer.head)[:-1] + b',"rows":['
    separator = b"\n"
    rows = answer.rows
    while piece := list(islice(rows, _ROWS_AT_ONCE)):
        objects = [msgspec.json.encode(dict(zip(answer.columns, row, strict=True))) for row in piece]
        yield separator + b",\n".join(objects)
        separator = b",\n"
    yield b"]}\n"


def as_csv(answer: Answer) -> Iterator[bytes]:
    """The same rows; UTF-8 with a byte order mark, unknown values empty."""
    texts = [column in answer.text_columns for column in answer.columns]
    rows = answer.rows
    yield (_BOM + _lines([answer.columns])).encode()
    while piece := list(islice(rows, _ROWS_AT_ONCE)):
        cells = [
            tuple(guarded(cell) if text else cell for cell, text in zip(row, texts, strict=True))
            for row in piece
        ]
        yield _lines(cells).encode("utf-8", "replace")


def _lines(rows: list[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
