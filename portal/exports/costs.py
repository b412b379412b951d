"""Costs as a table of plain values."""

from typing import Any

from attribution.queries.costs import CostRow, CostTotal, costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.scope import TenantScope
from attribution.queries.status import joint_status
from portal.exports.converted_costs import converted_cost_body
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text, minutes_text, value_text
from portal.exports.tables import Body, currency_of, names_among

FIGURES = ("currency", "amount", "usage_amount", "device_minutes", "unpriced_lines", "status")


def cost_body(asked: Asked, scope: TenantScope) -> Body:
    """Rows by the dimensions asked for; totals by currency. Another table where a currency is asked for."""
    if asked.currency is not None:
        return converted_cost_body(asked, scope, asked.currency)
    dimensions = [CostDimension(name) for name in asked.group_by]
    table = costs_by(asked.start, asked.end, dimensions, asked.filters, scope)
    head = {
        "currency": currency_of(total.currency for total in table.totals),
        "status": joint_status(total.status for total in table.totals),
        "totals": [dict(zip(FIGURES, _figures(total), strict=True)) for total in table.totals],
    }
    columns, texts = (*asked.group_by, *FIGURES), names_among(asked.group_by)
    return Body(head, columns, texts, table.rows, _cells, costs=table.totals)


def _cells(row: CostRow) -> tuple[Any, ...]:
    return (*map(value_text, row.group), *_figures(row))


def _figures(row: CostRow | CostTotal) -> tuple[Any, ...]:
    return (
        row.currency,
        amount_text(row.amount_nano),
        amount_text(row.usage_nano),
        minutes_text(row.device_minutes),
        row.unpriced_lines,
        row.status.value,
    )
