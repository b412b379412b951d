"""A preview as tables: what stands, what was proposed, and the difference."""

from collections.abc import Callable, Sequence

from attribution.operations.preview.beside import Beside
from attribution.operations.preview.preview import Preview
from portal.components.formats import DASH, amount, change, counted, percent, plain
from portal.components.table import Cell, Column, Row, Table
from portal.costs.parts import USES

PRICED_BY = {"invoiced": "A bill", "price_book": "A price book", "unpriced": "Nothing"}


def tenants_table(found: Preview) -> Table:
    """By tenant, with the total."""
    return _table(
        "By tenant", found.by_tenant, "Tenant", lambda row: row.tenant or "Nobody: the platform bears it",
        found.totals,
    )  # fmt: skip


def uses_table(found: Preview) -> Table:
    """By use, with the total."""
    return _table("By use", found.by_use, "Use", lambda row: USES[row.use or ""], found.totals)


def pool_hours_table(found: Preview) -> Table:
    """What prices device-hours of pools, before and after."""
    return Table(
        title="What prices the devices",
        caption="Hours of pools, in the hours that the proposal concerns",
        columns=[Column("Pool"), Column("Priced by"), Column("Stands", True), Column("Proposed", True)],
        rows=[
            Row([
                Cell(row.pool or "Devices of no pool"), Cell(PRICED_BY[row.priced_by]),
                Cell(plain(row.stands)), Cell(plain(row.proposed)),
            ])
            for row in found.pool_hours
        ],
    )  # fmt: skip


def _table(
    title: str, rows: Sequence[Beside], label: str, name: Callable[[Beside], str], totals: Sequence[Beside]
) -> Table:
    return Table(
        title=title,
        caption="Each row in its own currency; to the cent here, to the nano-unit in the CSV",
        columns=[
            Column(label), Column("Currency"), Column("Stands", True), Column("Proposed", True),
            Column("Difference", True), Column("%", True),
        ],
        rows=[_row(name(row), row) for row in rows],
        foot=[_row("Total", row) for row in totals],
        note=counted(len(rows), "row"),
    )  # fmt: skip


def _row(name: str, row: Beside) -> Row:
    parts = ((row.stands_unpriced, "stand"), (row.proposed_unpriced, "are proposed"))
    unpriced = "; ".join(f"{plain(count)} lines {said} without a price" for count, said in parts if count)
    relative = change(row.proposed, row.stands)
    return Row([
        Cell(name), Cell(row.currency), Cell(amount(row.stands)), Cell(amount(row.proposed)),
        Cell(amount(row.difference, signed=True)),
        Cell(DASH if relative is None else percent(relative, signed=True)),
    ], below=unpriced)  # fmt: skip
