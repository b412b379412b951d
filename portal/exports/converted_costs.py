"""Costs in one currency as a table of plain values: each row with its rate, source and date."""

from typing import Any

from attribution.queries.converted_costs import ConvertedCosts, ConvertedRow, converted_costs
from attribution.queries.dimensions import CostDimension
from attribution.queries.scope import TenantScope
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text, exact_text, value_text
from portal.exports.tables import Body, names_among

FIGURES = (
    "currency", "amount", "original_currency", "original_amount", "rate", "rate_source", "rate_date",
    "reason", "unpriced_lines",
)  # fmt: skip


def converted_cost_body(asked: Asked, scope: TenantScope, currency: str) -> Body:
    """Rows by group, original currency and rate; an amount without a rate is null and says so."""
    dimensions = [CostDimension(name) for name in asked.group_by]
    found = converted_costs(asked.start, asked.end, dimensions, currency, asked.filters, scope)
    columns = (*asked.group_by, *FIGURES)
    texts = names_among(asked.group_by) | {"rate_source"}
    return Body(_head(found), columns, texts, found.rows, lambda row: _cells(row, currency))


def _head(found: ConvertedCosts) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "converted": True,
        "totals": [{"currency": found.currency, "amount": amount_text(found.total_nano)}],
        "without_rate": [
            {"currency": left.currency, "amount": amount_text(left.amount_nano)} for left in found.unconverted
        ],
    }


def _cells(row: ConvertedRow, currency: str) -> tuple[Any, ...]:
    rate = row.rate
    return (
        *map(value_text, row.group),
        currency,
        amount_text(row.converted_nano),
        row.currency,
        amount_text(row.original_nano),
        exact_text(rate.rate) if rate else None,
        rate.source if rate else None,
        rate.date.isoformat() if rate and rate.date else None,
        row.reason,
        row.unpriced_lines,
    )
