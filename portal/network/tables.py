"""The tables of the network page."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from attribution.queries.billed_bytes import BilledBytes, BytesRow
from attribution.queries.costs import known_sum
from attribution.queries.transfer_shares import TransferShare
from portal.components.formats import DASH, amount, counted, data_size, plain
from portal.components.rounding import displayed_parts
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import day
from portal.costs.parts import KINDS

SHOWN = 200
CLASSES: Mapping[str, str] = {
    "internet": "To the internet",
    "inter_region": "Between regions",
    "inter_zone": "Between zones",
    "same_zone": "Within a zone",
    "all": "Of any class",
    "": "The bill names no class",
}
_COLUMNS = [
    Column("On the bill", True, hint="Each byte once: some providers bill zones at both ends"),
    Column("Measured", True),
    Column("Billed, not measured", True, hint="Cluster by cluster, where something measures"),
    Column("Measured, not billed", True, hint="Cluster by cluster; it takes nothing from the other"),
    Column("%", True, hint="Billed less measured, in percent of the bill, of clusters that know both"),
    Column("Nothing measures", True, hint="Bytes on the bill of clusters that nothing measures"),
    Column("Paid", True),
    Column("For bytes nobody sent", True, hint="The part of the money for bytes that nothing measured"),
]


def classes_table(found: BilledBytes) -> Table:
    """Every class over all clusters and days."""
    return Table(
        title="Bytes on the bill against measured bytes",
        caption="Bytes in decimal units; money in the bill's currency; – is unknown, not zero",
        columns=[Column("Class"), *_COLUMNS],
        rows=[Row([_class(row), *_cells(row, currency)]) for row, currency in _lines(found.totals)],
    )


def days_table(found: BilledBytes) -> Table:
    """The same by day and cluster, the newest day first."""
    lines = list(_lines(sorted(found.rows, key=lambda row: (row.day, row.cluster), reverse=True)))
    count = counted(len(lines), "row")
    return Table(
        title="By day and cluster",
        caption="A day of a longer charge has its even share: single days of a monthly line say little",
        columns=[Column("Day and cluster"), Column("Class"), *_COLUMNS],
        rows=[
            Row([Cell(day(row.day) if row.day else DASH, under=row.cluster or "of no single cluster"),
                 _class(row), *_cells(row, currency)])
            for row, currency in lines[:SHOWN]
        ],
        note=f"the newest {SHOWN} of {count}; all in the CSV" if len(lines) > SHOWN else count,
    )  # fmt: skip


def shares_table(shares: Sequence[TransferShare]) -> Table:
    """Who bears it."""
    count = counted(len(shares), "row")
    cents = _shown_amounts(shares)
    return Table(
        title="Who bears it",
        caption="By tenant and class of route; – where bytes did not divide the money",
        columns=[
            Column("Tenant"), Column("Cost"), Column("Class"), Column("Measured bytes", True),
            Column("Amount", True), Column("Currency"),
        ],
        rows=[
            Row([
                Cell(share.tenant or "Nobody: the platform bears it"), Cell(KINDS[share.kind]),
                Cell(_words(share.transfer_class)), Cell(data_size(share.transferred)),
                Cell(amount(cents[place])),
                Cell(share.currency, tag=Tag("est.") if share.status == "estimated" else None),
            ])
            for place, share in enumerate(shares[:SHOWN])
        ],
        foot=[
            Row([
                Cell("Total"), Cell(), Cell(), Cell(),
                Cell(amount(known_sum(share.amount_nano for share in shares if share.currency == currency))),
                Cell(currency),
            ])
            for currency in sorted({share.currency for share in shares})
        ],
        note=f"the first {SHOWN} of {count}; all in the CSV" if len(shares) > SHOWN else count,
    )  # fmt: skip


def _shown_amounts(shares: Sequence[TransferShare]) -> list[int | None]:
    """Rounded to cents so that the amounts of a currency add up to the total that stands below them."""
    shown: list[int | None] = [None] * len(shares)
    for currency in {share.currency for share in shares}:
        places = [place for place, share in enumerate(shares) if share.currency == currency]
        for place, nano in zip(places, displayed_parts([shares[p].amount_nano for p in places]), strict=True):
            shown[place] = nano
    return shown


def _lines(rows: Sequence[BytesRow]) -> list[tuple[BytesRow, str]]:
    """A line for each currency; one without any where nothing was paid."""
    return [(row, currency) for row in rows for currency in (row.amounts or ("",))]


def _class(row: BytesRow) -> Cell:
    unread = f"{counted(row.unread, 'billed line')} in a unit that is not known"
    tag = Tag("unreadable", "warn") if row.unread else None
    return Cell(_words(row.transfer_class), under=unread if row.unread else "", tag=tag)


def _cells(row: BytesRow, currency: str) -> list[Cell]:
    paid, unexplained = (row.amounts[currency], row.unexplained[currency]) if currency else (None, None)
    percent = row.difference_percent
    return [
        Cell(_size(row.once)),
        Cell(data_size(row.measured)),
        Cell(_size(row.surplus)),
        Cell(_size(row.deficit)),
        Cell(DASH if percent is None else f"{plain(percent, 2, signed=True)}%"),
        Cell(_size(row.unmeasured)),
        Cell(amount(paid), under=currency if paid is not None else ""),
        Cell(amount(unexplained)),
    ]


def _words(name: str) -> str:
    return CLASSES.get(name, name)


def _size(value: Decimal | None) -> str:
    return data_size(None if value is None else int(value))
