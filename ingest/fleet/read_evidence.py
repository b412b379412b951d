"""Tables of what is declared because nothing measures it: models in storage, rates between currencies."""

from collections.abc import Iterator

from ingest.fleet.read_span import read_span
from ingest.fleet.spec import Rate, Residency, Row
from ingest.fleet.table import Table
from ingest.fleet.values import CURRENCY, DATE, TEXT, decimal, whole

GIBIBYTES = decimal("gibibytes of one copy, above 0, as a decimal", most=10**9, digits=6)
RATE = decimal("what one unit of `from_currency` is worth, above 0, as a decimal in quotes", digits=12)


def read_evidence(root: Table) -> Iterator[Row]:
    """Rows in the order of the file, kind by kind."""
    for table in root.below("residency"):
        start, end = read_span(table)
        row = Residency(
            model=table.required("model", TEXT),
            cluster=table.optional("cluster", TEXT, None),
            service=table.optional("service", TEXT, None),
            gibibytes=table.required("gibibytes", GIBIBYTES),
            copies=table.optional("copies", whole(1, 1_000_000), 1),
            start=start,
            end=end,
            place=table.place,
        )
        if table.has("gibibytes") and not row.gibibytes:
            table.wrong("gibibytes", GIBIBYTES.expected, "0")
        yield row
    for table in root.below("rate"):
        yield _rate(table)


def _rate(table: Table) -> Rate:
    start, end = read_span(table)
    row = Rate(
        base=table.required("from_currency", CURRENCY),
        quote=table.required("to_currency", CURRENCY),
        rate=table.required("rate", RATE),
        origin=table.required("source", TEXT),
        dated=table.required("date", DATE),
        start=start,
        end=end,
        place=table.place,
    )
    if table.has("rate") and not row.rate:
        table.wrong("rate", RATE.expected, "0")
    if row.base and row.base == row.quote:
        table.wrong("to_currency", "another currency than from_currency", f'"{row.quote}"')
    return row
