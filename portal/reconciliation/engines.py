"""Engine totals against gateway totals as a table."""

from collections.abc import Mapping, Sequence

from attribution.queries.engine_residuals import EngineResidual
from portal.components.formats import DASH, counted, plain
from portal.components.table import Cell, Column, Row, Table

MEASURES: Mapping[str, str] = {
    "requests": "Requests",
    "input_tokens": "Input tokens",
    "cached_tokens": "of them cached",
    "output_tokens": "Output tokens",
}


def engines_table(rows: Sequence[EngineResidual]) -> Table:
    """A line for each service and measure."""
    return Table(
        title="Engines against gateways",
        caption="Hours in which both counted; what only one of them counted stands apart",
        columns=[
            Column("Service"), Column("Measure"), Column("Engines", True), Column("Gateways", True),
            Column("Residual", True, hint="Engines less gateways: work that came past the gateway"),
            Column("%", True, hint="The residual in percent of the engines' total"), Column("Hours", True),
            Column("Engines alone", True), Column("Gateways alone", True),
        ],
        rows=[_row(row) for row in rows],
        note="of every outcome",
    )  # fmt: skip


def _row(row: EngineResidual) -> Row:
    percent = row.residual_percent
    return Row([
        Cell(row.service or "No service: names that no rule knows"), Cell(MEASURES[row.measure]),
        Cell(plain(row.engine)), Cell(plain(row.gateway)), Cell(plain(row.residual, signed=True)),
        Cell(DASH if percent is None else f"{plain(percent, 2, signed=True)}%"), Cell(plain(row.hours)),
        _alone(row.engine_alone, row.engine_alone_hours), _alone(row.gateway_alone, row.gateway_alone_hours),
    ])  # fmt: skip


def _alone(count: int | None, hours: int) -> Cell:
    return Cell(plain(count), under=f"in {counted(hours, 'hour')}" if hours else "")
