"""Unit costs as a table of plain values."""

from typing import Any

from attribution.queries.dimensions import UnitDimension
from attribution.queries.scope import TenantScope
from attribution.queries.status import joint_status
from attribution.queries.unit_costs import UnitCostRow, unit_costs
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text, exact_text
from portal.exports.tables import Body, currency_of, names_among

# `reason` says why there is no cost per success; it is empty where there is one.
FIGURES = (
    "currency", "requests", "successes", "failures", "unfinished", "input_tokens", "cached_tokens",
    "output_tokens", "cost", "direct_cost", "failed_cost", "unpriced_lines", "cost_per_success",
    "direct_cost_per_success", "cost_per_million_input_tokens", "cost_per_million_output_tokens", "reason",
    "status",
)  # fmt: skip


def unit_cost_body(asked: Asked, scope: TenantScope) -> Body:
    """Rows by the dimensions asked for; totals by currency."""
    dimensions = [UnitDimension(name) for name in asked.group_by]
    table = unit_costs(asked.start, asked.end, dimensions, asked.filters, scope)
    head = {
        "currency": currency_of(total.currency for total in table.totals),
        "status": joint_status(total.status for total in table.totals if total.status),
        "totals": [dict(zip(FIGURES, _figures(total), strict=True)) for total in table.totals],
    }
    columns, texts = (*asked.group_by, *FIGURES), names_among(asked.group_by)
    return Body(head, columns, texts, table.rows, _cells, costs=table.costs)


def _cells(row: UnitCostRow) -> tuple[Any, ...]:
    return (*row.group, *_figures(row))


def _figures(row: UnitCostRow) -> tuple[Any, ...]:
    counted = row.requests
    return (
        row.currency,
        counted.requests,
        counted.successes,
        counted.failures,
        counted.unfinished,
        counted.input_tokens,
        counted.cached_tokens,
        counted.output_tokens,
        amount_text(row.loaded_nano),
        amount_text(row.direct_nano),
        amount_text(row.failed_nano),
        row.unpriced_lines,
        exact_text(row.loaded.value),
        exact_text(row.direct.value),
        exact_text(row.tokens.input.value),
        exact_text(row.tokens.output.value),
        None if row.loaded.reason is None else row.loaded.reason.value,
        None if row.status is None else row.status.value,
    )
