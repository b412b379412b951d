"""Opens a FOCUS file as rows of a bill."""

from functools import partial

from ingest.sources.bill_row import OpenBill
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.client import Table, open_table
from ingest.sources.focus.columns import layout
from ingest.sources.focus.parse import parse_rows
from ingest.sources.rejected import RefusedFile


def open_bill(file: NamedFile) -> OpenBill:
    """Open a file and look at its columns. Raises RefusedFile."""
    return focus_bill(file, open_table(file))


def focus_bill(file: NamedFile, table: Table) -> OpenBill:
    """The bill of an open table. Raises RefusedFile with every missing mandatory column."""
    try:
        columns = layout(table.header)
    except ValueError as error:
        raise RefusedFile(file.name, str(error)) from error
    return OpenBill(f"FOCUS {columns.version}", partial(parse_rows, columns, file.name, table.rows))
