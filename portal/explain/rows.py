"""Pages of evidence as plain values."""

from typing import Any

from attribution.queries.explain.lines import EvidenceLine
from attribution.queries.explain.pages import Page
from attribution.queries.explain.pool_hours import PoolHour
from portal.explain.names import Names
from portal.explain.parameters import place_text
from portal.exports.plain import amount_text, exact_text, time_text


def pools_body(page: Page[PoolHour], names: Names, *, bound: bool) -> dict[str, Any]:
    """Cost pools; the whole of one is everybody's, and not for whoever is bound to some tenants."""
    return {
        "rows": [
            {
                "hour": time_text(row.hour),
                "cluster": names.cluster.get(row.cluster_id),
                "cluster_id": row.cluster_id,
                "version": row.version,
                "number": row.number,
                "kind": row.kind,
                "part": row.part or None,
                "pool": names.pool.get(row.pool_id),
                "service": names.service.get(row.service_id),
                "resource": row.resource or None,
                "bill": None if bound else row.bill_id or None,
                "price": row.price_id or None,
                "estimated": row.estimated,
                "currency": row.currency,
                "amount": None if bound else amount_text(row.amount_nano),
                "in_figure": amount_text(row.in_figure_nano),
                "lines": row.lines,
                "unpriced_lines": row.unpriced_lines,
                "quantity": exact_text(row.quantity),
                "unit": row.unit,
            }
            for row in page.rows
        ],
        "next": place_text(page.after),
    }


def lines_body(page: Page[EvidenceLine], names: Names) -> dict[str, Any]:
    """Ledger lines."""
    return {
        "rows": [
            {
                "hour": time_text(row.hour),
                "cluster": names.cluster.get(row.cluster_id),
                "version": row.version,
                "number": row.number,
                "cost_pool": row.pool_number,
                "kind": row.kind,
                "part": row.part or None,
                "pool": names.pool.get(row.pool_id),
                "use": row.use,
                "service": names.service.get(row.service_id),
                "tenant": names.tenant.get(row.tenant_id),
                "model": names.model.get(row.model_id),
                "currency": row.currency,
                "amount": amount_text(row.amount_nano),
                "usage_amount": amount_text(row.usage_nano),
                "quantity": None if row.quantity is None else f"{row.quantity:.6f}",
                "unit": row.unit,
                "basis": row.basis,
                "rule": row.rule_id or None,
                "reason": row.reason or None,
                "estimated": row.estimated,
            }
            for row in page.rows
        ],
        "next": place_text(page.after),
    }
