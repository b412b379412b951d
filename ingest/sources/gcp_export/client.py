"""Opens files of Google Cloud exports: the detailed usage export as CSV, JSON lines or Parquet, and FOCUS."""

import json
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import chain

from ingest.sources.bill_row import OpenBill
from ingest.sources.file_bytes import is_parquet, read_through
from ingest.sources.file_list import NamedFile
from ingest.sources.file_text import text_lines
from ingest.sources.focus.cells import BadCell
from ingest.sources.focus.client import Table, open_table
from ingest.sources.focus.open import focus_bill
from ingest.sources.gcp_export.columns import demand_mandatory
from ingest.sources.gcp_export.flatten import decode, flatten
from ingest.sources.gcp_export.parse import DetailedUsage
from ingest.sources.native_bill import Names, NativeRow, folded, parse_native
from ingest.sources.rejected import RefusedFile

ENDINGS = (".csv", ".csv.gz", ".parquet", ".json", ".json.gz", ".jsonl", ".jsonl.gz")
_BILL = DetailedUsage()


def open_bill(file: NamedFile) -> OpenBill:
    """Open a file by what it holds. Raises RefusedFile for other columns, and unreadable files."""
    rows = _json_rows(file) if _is_json(file) else None
    if rows is None:
        table = open_table(file)
        if "billedcost" in set(map(folded, table.header)):
            return focus_bill(file, table)
        rows = _table_rows(table)
    first = next(rows, None)
    if first is None:
        raise RefusedFile(file.name, "no rows")
    try:
        demand_mandatory(name for name, _ in (*first.names.said, *first.names.extra))
    except ValueError as error:
        raise RefusedFile(file.name, str(error)) from error
    return OpenBill("Google Cloud usage", partial(parse_native, _BILL, file.name, chain([first], rows)))


def _is_json(file: NamedFile) -> bool:
    """Whether the first line begins as an object does; names lie more often."""
    if is_parquet(file.path):
        return False
    return next(text_lines(file), "").lstrip("\ufeff \t\r\n").startswith("{")


def _json_rows(file: NamedFile) -> Iterator[NativeRow]:
    read_through(file)
    for number, line in enumerate(text_lines(file), start=1):
        if not line.strip():
            continue
        try:
            row = decode(line)
            json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield _row(number, flatten(row))
        else:
            bad = BadCell("", "an object in JSON on one line", line[:200])
            yield NativeRow(number, Names((), ()), {"": line.strip()}, bad)


def _table_rows(table: Table) -> Iterator[NativeRow]:
    header = [name.strip() for name in table.header]
    for line, cells in table.rows:
        if len(cells) == len(header):
            yield _row(line, flatten(dict(zip(header, cells, strict=True))))
        else:
            bad = BadCell("", f"{len(header)} cells as in the header", f"{len(cells)} cells")
            yield NativeRow(line, Names((), ()), {"": ",".join(cell or "" for cell in cells)}, bad)


def _row(line: int, flat: dict[str, str | None]) -> NativeRow:
    return NativeRow(line, _names(tuple(flat)), {folded(name): text for name, text in flat.items()})


@lru_cache(maxsize=1_000)
def _names(columns: tuple[str, ...]) -> Names:
    """Rows of an export have few sets of columns: each is sorted once."""
    return Names.of(_BILL, columns)
