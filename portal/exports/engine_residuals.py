"""Engine totals against gateway totals as a table of plain values."""

from typing import Any

from attribution.queries.engine_residuals import EngineResidual, engine_residuals
from attribution.queries.scope import TenantScope
from portal.exports.parameters import Asked
from portal.exports.plain import exact_text
from portal.exports.tables import Body

COLUMNS = (
    "service", "measure", "engine", "gateway", "residual", "residual_percent", "hours", "engine_alone",
    "engine_alone_hours", "gateway_alone", "gateway_alone_hours",
)  # fmt: skip


def engine_residual_body(asked: Asked, scope: TenantScope) -> Body:
    """A row for each service and measure; `residual` is engine less gateway, of hours that both counted."""
    rows = engine_residuals(asked.start, asked.end)
    return Body({}, COLUMNS, frozenset({"service"}), rows, _cells, covered=False)


def _cells(row: EngineResidual) -> tuple[Any, ...]:
    return (
        row.service,
        row.measure,
        row.engine,
        row.gateway,
        row.residual,
        exact_text(row.residual_percent),
        row.hours,
        row.engine_alone,
        row.engine_alone_hours,
        row.gateway_alone,
        row.gateway_alone_hours,
    )
