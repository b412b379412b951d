"""Who bears the network's cost, and by which bytes, as a table of plain values."""

from typing import Any

from attribution.queries.scope import TenantScope
from attribution.queries.status import joint_status
from attribution.queries.transfer_shares import TransferShare, transfer_shares
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text
from portal.exports.tables import Body, currency_of

COLUMNS = ("tenant", "kind", "class", "currency", "bytes", "amount", "status")


def transfers_body(asked: Asked, scope: TenantScope) -> Body:
    """A row for each tenant, kind of cost, class of route and currency."""
    rows = transfer_shares(asked.start, asked.end, asked.filters, scope)
    head = {
        "currency": currency_of(row.currency for row in rows),
        "status": joint_status(row.status for row in rows),
    }
    return Body(head, COLUMNS, frozenset({"tenant", "class"}), rows, _cells)


def _cells(row: TransferShare) -> tuple[Any, ...]:
    return (
        row.tenant,
        row.kind,
        row.transfer_class or None,
        row.currency,
        row.transferred,
        amount_text(row.amount_nano),
        row.status.value,
    )
