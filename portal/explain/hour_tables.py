"""The tables of one hour: how each cost pool was split, its devices, its bill rows."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from fractions import Fraction

from attribution.domain.ledger import CostPool
from attribution.operations.bill_rows import BillRow
from attribution.operations.split_again import Split, SplitPool, Weight
from attribution.queries.explain.charges import ChargeRow
from attribution.queries.explain.device_hours import DeviceHour
from portal.components.formats import DASH, percent, plain
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import stretch
from portal.costs.parts import KINDS, USES
from portal.explain.bill_rows import fraction_text
from portal.explain.evidence_tables import NOBODY, quantity_cell
from portal.explain.names import Names
from portal.explain.strip_drawing import strip_drawing, strip_words
from portal.reconciliation.domain import every_digit, exact

SHOWN = 100


def split_table(split: SplitPool) -> Table:
    """A cost pool, its parts, and what of each tenants and the platform bear."""
    names, pool = Names(), split.pool
    rows = [row for part in split.splits for row in _part(part, names)]
    return Table(
        title=pool_words(pool, names),
        upright=True,
        caption=f"{pool.currency}; parts by quantity, tenants by weight, each by largest remainder",
        columns=[
            Column("Use"),
            Column("Service or tenant"),
            Column("Basis"),
            Column("Weight", True),
            Column("Amount", True),
        ],
        rows=rows[:SHOWN],
        foot=[Row([Cell("The whole pool"), Cell(), Cell(), Cell(), Cell(exact(pool.amount))])],
        note=f"the first {SHOWN} of {plain(len(rows))} rows" if len(rows) > SHOWN else "",
    )


def pool_words(pool: CostPool, names: Names) -> str:
    """What a cost pool is."""
    known = (KINDS[pool.kind], names.pool.get(pool.pool_id), names.service.get(pool.service_id), pool.part)
    return ", ".join(filter(None, (*known, pool.resource)))


def _part(part: Split, names: Names) -> list[Row]:
    # Parts of device-minutes show three digits; the API has the fraction.
    places = 3 if isinstance(part.quantity, Fraction) else 0
    quantity = None if part.quantity is None else plain(part.quantity, places)
    service = names.service.get(part.service_id, "no service")
    rule = f"rule {part.rule_id}" if part.rule_id else ""
    head = [Cell(USES[part.use]), Cell(service, under=part.reason), Cell(part.basis, under=rule)]
    return [
        Row([*head, quantity_cell(quantity, part.unit), Cell(exact(part.amount_nano))], quiet=True),
        *(_weight(weight, names) for weight in part.weights),
    ]


def _weight(weight: Weight, names: Names) -> Row:
    tenant = names.tenant.get(weight.tenant_id, NOBODY)
    return Row(
        [
            Cell(USES[weight.use]),
            Cell(tenant, under=names.model.get(weight.model_id, "")),
            Cell(),
            Cell(plain(weight.weight)),
            Cell(exact(weight.amount_nano)),
        ]
    )


def devices_table(rows: Sequence[DeviceHour]) -> Table:
    """Devices with a strip of their minutes."""
    names = Names()
    return Table(
        title="Devices, minute by minute",
        caption="As the facts have them now; reserves take devices without work minute by minute",
        columns=[
            Column("Device"),
            Column("Pool"),
            Column("Held by"),
            Column("Share", True),
            Column("The hour"),
            Column("In words"),
        ],
        rows=[
            Row(
                [
                    Cell(row.device, under=row.node),
                    Cell(names.pool.get(row.pool_id, DASH), under=row.model),
                    Cell(f"{row.namespace}/{row.pod}" if row.pod else "nobody", under=row.container),
                    _share(row),
                    Cell(drawing=strip_drawing(row)),
                    Cell(strip_words(row)),
                ]
            )
            for row in rows
        ],
    )


def _share(row: DeviceHour) -> Cell:
    """What of the device the strip is, and why."""
    slices = {"": "", "rest": "in no slice"}.get(row.slice, f"{row.slice} slices")
    under = ", ".join(filter(None, (slices, "by policy" if row.by_policy else "")))
    return Cell(str(row.share), under=under)


def bill_table(
    pool: CostPool, rows: Sequence[BillRow], said: Mapping[int, ChargeRow], zone: tzinfo, *, more: bool
) -> Table:
    """Rows of a bill behind a cost pool, with the part of each in this hour."""
    return Table(
        title=f"Bill rows: {pool_words(pool, Names())}",
        upright=True,
        caption=f"{pool.currency}; the pool is {exact(pool.amount)}, its rows sum to it within a nano-unit",
        columns=[
            Column("Where"),
            Column("Resource"),
            Column("Charge period"),
            Column("Effective cost", True),
            Column("In this hour", True),
        ],
        rows=[_bill_row(row, said[row.row_number], zone) for row in rows],
        note=f"the first {len(rows)} rows" if more else "",
    )


def _bill_row(row: BillRow, said: ChargeRow, zone: tzinfo) -> Row:
    correction = Tag("correction", "warn") if said.charge_class else None
    period = stretch(said.charge_period_start, said.charge_period_end, zone)
    return Row(
        [
            Cell(f"{said.file}, line {plain(said.line)}", tag=correction),
            Cell(said.resource_id or said.resource_name or DASH, under=said.description or said.service),
            Cell(period),
            Cell(every_digit(said.effective_cost)),
            Cell(fraction_text(row.in_range), under=_of_node(row)),
        ]
    )


def _of_node(row: BillRow) -> str:
    """What of a node's cost the pool bears, where several pools divide it."""
    if row.of_node is None:
        return ""
    return f"{percent(row.of_node.share)} of {row.of_node.node}, by {row.of_node.by}"
