"""`from` and `to`: the hours in which something holds."""

from datetime import datetime

from ingest.fleet.table import Table
from ingest.fleet.values import MOMENT


def read_span(table: Table) -> tuple[datetime | None, datetime | None]:
    """Half-open [from, to), None where the file has no bound."""
    start = table.optional("from", MOMENT, None)
    end = table.optional("to", MOMENT, None)
    if start is not None and end is not None and end <= start:
        table.wrong("to", f"a time after from, {start:%Y-%m-%dT%H:%MZ}", f"{end:%Y-%m-%dT%H:%MZ}")
    return start, end
