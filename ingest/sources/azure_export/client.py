"""Opens files of Azure exports: FOCUS and cost details; CSV, gzip or Parquet."""

from functools import partial

from ingest.sources.azure_export.columns import is_cost_details
from ingest.sources.azure_export.parse import CostDetails
from ingest.sources.bill_row import OpenBill
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.client import open_table
from ingest.sources.focus.open import focus_bill
from ingest.sources.focus.parse import shared_cells
from ingest.sources.native_bill import named_rows, parse_native
from ingest.sources.rejected import RefusedFile

ENDINGS = (".csv", ".csv.gz", ".parquet")


def open_bill(file: NamedFile) -> OpenBill:
    """Open a file by its columns. Raises RefusedFile for columns of neither format, and unreadable files."""
    table = open_table(file)
    if not is_cost_details(table.header):
        return focus_bill(file, table)
    try:
        bill = CostDetails(table.header)
        rows = named_rows(bill, table.header, shared_cells(table.rows))
    except ValueError as error:
        raise RefusedFile(file.name, str(error)) from error
    return OpenBill("Azure cost details", partial(parse_native, bill, file.name, rows))
