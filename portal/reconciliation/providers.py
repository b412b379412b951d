"""Provider totals against gateway totals, and meters without a model, as tables."""

from collections.abc import Sequence
from datetime import tzinfo

from attribution.queries.provider_residuals import ProviderResidual
from attribution.queries.unknown_meters import UnknownMeter
from portal.components.formats import DASH, plain
from portal.components.table import Cell, Column, Row, Table
from portal.components.times import moment
from portal.reconciliation.domain import exact
from portal.reconciliation.engines import MEASURES


def providers_table(rows: Sequence[ProviderResidual]) -> Table:
    """A line for each model and measure."""
    return Table(
        title="Providers against gateways",
        caption="What providers' usage reports count, and who of it is known; days that a report has, in UTC",
        columns=[
            Column("Model"), Column("Source"), Column("Measure"), Column("Provider", True),
            Column("Known keys", True, hint="Under keys and projects that a tenant rule knows"),
            Column("Gateways", True),
            Column("Residual", True, hint="Provider less known keys less gateways: nobody's"),
            Column("%", True, hint="The residual in percent of the provider's total"),
        ],
        rows=[_row(row) for row in rows],
        note="the Priority Tier stands in no cost report",
    )  # fmt: skip


def _row(row: ProviderResidual) -> Row:
    percent = row.residual_percent
    return Row([
        Cell(row.model or "no model named"), Cell(row.source),
        Cell(MEASURES[row.measure], under="outcome unknown" if row.measure == "requests" else ""),
        Cell(plain(row.provider)), Cell(plain(row.by_rule)), Cell(plain(row.gateway)),
        Cell(plain(row.residual, signed=True)),
        Cell(DASH if percent is None else f"{plain(percent, 2, signed=True)}%"),
    ])  # fmt: skip


def meters_table(rows: Sequence[UnknownMeter], zone: tzinfo) -> Table:
    """A line for each meter that names no model."""
    return Table(
        title="Meters without a known model",
        caption="What bills say of models by meters that no row of the table of models knows",
        columns=[
            Column("Meter"), Column("Source"), Column("Rows", True), Column("First seen"),
            Column("Last seen"), Column("Currency"), Column("Cost", True),
        ],
        rows=[
            Row(
                [
                    Cell(row.meter or "no meter named"),
                    Cell(row.source),
                    Cell(plain(row.rows)),
                    Cell(moment(row.first_seen, zone)),
                    Cell(moment(row.last_seen, zone)),
                    Cell(row.currency),
                    Cell(exact(row.amount_nano)),
                ]
            )
            for row in rows
        ],
        note=f"{len(rows)} meter{'' if len(rows) == 1 else 's'}",
    )  # fmt: skip
