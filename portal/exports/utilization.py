"""Utilization as a table of plain values."""

from typing import Any

from attribution.domain.capacity import MINUTE_USES
from attribution.queries.dimensions import UtilizationDimension
from attribution.queries.scope import TenantScope
from attribution.queries.utilization import UtilizationRow, utilization
from portal.exports.parameters import Asked
from portal.exports.plain import minutes_text, share_text, value_text
from portal.exports.tables import Body, names_among

FIGURES = (
    *MINUTE_USES,
    "device_minutes",
    "sampled_minutes",
    "busy_minutes",
    "busy_fraction",
    "serving_busy_fraction",
)


def utilization_body(asked: Asked, scope: TenantScope) -> Body:
    """Device-minutes by state. Whoever may ask sees all of them: minutes belong to no tenant."""
    dimensions = [UtilizationDimension(name) for name in asked.group_by]
    table = utilization(asked.start, asked.end, dimensions, asked.filters)
    totals = [table.total] if table.total else []
    head = {"totals": [dict(zip(FIGURES, _figures(total), strict=True)) for total in totals]}
    return Body(head, (*asked.group_by, *FIGURES), names_among(asked.group_by), table.rows, _cells)


def _cells(row: UtilizationRow) -> tuple[Any, ...]:
    return (*map(value_text, row.group), *_figures(row))


def _figures(row: UtilizationRow) -> tuple[Any, ...]:
    return (
        *row.minutes,
        row.device_minutes,
        row.sampled_minutes,
        minutes_text(row.busy_minutes),
        share_text(row.busy_fraction),
        share_text(row.serving_busy_fraction),
    )
