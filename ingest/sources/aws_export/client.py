"""Opens files of AWS exports: CUR 2.0, FOCUS and legacy CUR; CSV, gzip or Parquet."""

from functools import partial

from ingest.sources.aws_export.columns import is_cur, version_of
from ingest.sources.aws_export.parse import Cur
from ingest.sources.bill_row import OpenBill
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.client import Table, open_table
from ingest.sources.focus.open import focus_bill
from ingest.sources.focus.parse import shared_cells
from ingest.sources.native_bill import named_rows, parse_native
from ingest.sources.rejected import RefusedFile

ENDINGS = (".csv", ".csv.gz", ".parquet")


def open_bill(file: NamedFile) -> OpenBill:
    """Open a file by its columns. Raises RefusedFile for columns of neither format, and unreadable files."""
    table = open_table(file)
    return _open_cur(file, table) if is_cur(table.header) else focus_bill(file, table)


def _open_cur(file: NamedFile, table: Table) -> OpenBill:
    try:
        version = version_of(table.header)
        bill = Cur(table.header)
        rows = named_rows(bill, table.header, shared_cells(table.rows))
    except ValueError as error:
        raise RefusedFile(file.name, str(error)) from error
    return OpenBill(version, partial(parse_native, bill, file.name, rows))
