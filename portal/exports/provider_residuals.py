"""Provider totals against gateway totals as a table of plain values."""

from typing import Any

from attribution.queries.provider_residuals import ProviderResidual, provider_residuals
from attribution.queries.scope import TenantScope
from portal.exports.parameters import Asked
from portal.exports.plain import exact_text
from portal.exports.tables import Body

COLUMNS = ("source", "model", "measure", "provider", "by_rule", "gateway", "residual", "residual_percent")


def provider_residual_body(asked: Asked, scope: TenantScope) -> Body:
    """A row for each source, model and measure; `residual` is what no rule and no gateway knows."""
    rows = provider_residuals(asked.start, asked.end)
    return Body({}, COLUMNS, frozenset({"source", "model"}), rows, _cells, covered=False)


def _cells(row: ProviderResidual) -> tuple[Any, ...]:
    return (
        row.source,
        row.model,
        row.measure,
        row.provider,
        row.by_rule,
        row.gateway,
        row.residual,
        exact_text(row.residual_percent),
    )
