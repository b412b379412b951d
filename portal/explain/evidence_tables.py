"""The tables of evidence: cost pools, ledger lines, and what changed."""

from collections.abc import Callable, Sequence
from datetime import tzinfo

from attribution.queries.explain.changes import Changes
from attribution.queries.explain.lines import EvidenceLine
from attribution.queries.explain.pool_hours import PoolHour
from portal.components.formats import DASH, plain
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import moment
from portal.costs.parts import KINDS, USES
from portal.explain.names import Names
from portal.explain.tables import every_digit_of
from portal.reconciliation.domain import exact

NOBODY = "the platform"
TERMS = {
    "volume": ("Volume", "Hours that only the later side has"),
    "price": ("Price", "Another amount per device-minute, or another amount of a bill"),
    "mix": ("Mix", "The same cost went into other uses or to other tenants"),
    "rule": ("Rule", "Another rule divided it"),
    "late_data": ("Late data", "Minutes and cost pools that came for hours told before"),
}


def pools_table(
    rows: Sequence[PoolHour], currency: str, zone: tzinfo, href: Callable[[PoolHour], str], *, bound: bool
) -> Table:
    """Cost pools, hour by hour."""
    names = Names()
    columns = [Column("Hour"), Column("Cost pool"), Column("Lines", True), Column("Quantity", True)]
    columns += [] if bound else [Column("Whole pool", True)]
    return Table(
        title="Cost pools",
        upright=True,
        caption=f"{currency}, hour by hour; the last column sums to the figure's cost over all pages",
        columns=[*columns, Column("In the figure", True)],
        rows=[
            Row(
                [
                    Cell(
                        moment(row.hour, zone),
                        href(row),
                        under=names.cluster.get(row.cluster_id, "of no cluster"),
                    ),
                    Cell(
                        KINDS[row.kind],
                        under=", ".join(filter(None, (names.pool.get(row.pool_id), row.part))),
                    ),
                    Cell(
                        plain(row.lines),
                        under=f"{row.unpriced_lines} without a price" if row.unpriced_lines else "",
                    ),
                    quantity_cell(None if row.quantity is None else every_digit_of(row.quantity), row.unit),
                    *(
                        []
                        if bound
                        else [Cell(exact(row.amount_nano), tag=Tag("est.") if row.estimated else None)]
                    ),
                    Cell(exact(row.in_figure_nano)),
                ]
            )
            for row in rows
        ],
    )


def quantity_cell(text: str | None, unit: str) -> Cell:
    """A quantity over its unit; what has none has no unit either."""
    return Cell(DASH) if text is None else Cell(text, under=unit)


def lines_table(rows: Sequence[EvidenceLine], currency: str, zone: tzinfo) -> Table:
    """Ledger lines."""
    names = Names()
    return Table(
        title="Ledger lines",
        upright=True,
        caption=f"{currency}; they sum to the figure's cost over all pages",
        columns=[
            Column("Hour"),
            Column("Use"),
            Column("Tenant"),
            Column("Service"),
            Column("Basis"),
            Column("Quantity", True),
            Column("Amount", True),
        ],
        rows=[
            Row(
                [
                    Cell(moment(row.hour, zone), under=names.cluster.get(row.cluster_id, "of no cluster")),
                    Cell(USES[row.use], under=KINDS[row.kind]),
                    Cell(names.tenant.get(row.tenant_id, NOBODY), under=row.reason),
                    Cell(names.service.get(row.service_id, DASH), under=names.model.get(row.model_id, "")),
                    Cell(row.basis, under=f"rule {row.rule_id}" if row.rule_id else ""),
                    quantity_cell(None if row.quantity is None else plain(row.quantity, 3), row.unit),
                    Cell(exact(row.amount_nano)),
                ]
            )
            for row in rows
        ],
    )


def changes_table(found: Changes) -> Table:
    """The terms of a difference; they sum to it."""
    return Table(
        title="What changed",
        upright=True,
        caption=f"{found.currency}; the terms sum to the difference, to the nano-unit",
        columns=[Column("Term"), Column("What it is"), Column("Amount", True)],
        rows=[
            Row([Cell("Before"), Cell("As it stood then"), Cell(exact(found.before_nano))], quiet=True),
            *(
                Row([Cell(words), Cell(what), Cell(exact(getattr(found.terms, name)))])
                for name, (words, what) in TERMS.items()
            ),
        ],
        foot=[Row([Cell("Now"), Cell(), Cell(exact(found.after_nano))])],
        note=f"difference {exact(found.difference_nano)}",
    )


def changed_table(found: Changes) -> Table:
    """Where it changed most."""
    names = Names()
    return Table(
        title="Where it changed",
        upright=True,
        caption=f"{found.currency}; the largest differences first",
        columns=[
            Column("Use"),
            Column("Service"),
            Column("Pool"),
            Column("Before", True),
            Column("Now", True),
            *(Column(words, True) for words, _ in TERMS.values()),
        ],
        rows=[
            Row(
                [
                    Cell(USES[row.use], under=KINDS[row.kind]),
                    Cell(names.service.get(row.service_id, DASH)),
                    Cell(names.pool.get(row.pool_id, DASH)),
                    Cell(exact(row.before_nano)),
                    Cell(exact(row.after_nano)),
                    *(Cell(exact(nano)) for nano in row.terms),
                ]
            )
            for row in found.groups[:50]
        ],
    )
