"""Billed bytes against measured bytes as a table of plain values."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attribution.queries.billed_bytes import BytesRow, billed_bytes
from attribution.queries.scope import TenantScope
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text, bill_text, exact_text
from portal.exports.tables import Body, currency_of

FIGURES = (
    "billed_bytes", "billed_once_bytes", "measured_bytes", "difference_bytes", "difference_percent",
    "billed_not_measured_bytes", "measured_not_billed_bytes", "unmeasured_billed_bytes", "unread_lines",
    "currency", "amount", "unexplained_amount",
)  # fmt: skip
COLUMNS = ("day", "cluster", "class", *FIGURES)


def transfer_bytes_body(asked: Asked, scope: TenantScope) -> Body:
    """A row for each day, cluster, class of route and currency; totals by class and currency.

    Bytes of a class that is paid in two currencies stand in a row for each: add up totals, not rows.
    """
    found = billed_bytes(asked.start, asked.end)
    totals = [dict(zip(COLUMNS, cells, strict=True)) for row in found.totals for cells in _rows(row)]
    head = {
        "currency": currency_of(currency for row in found.totals for currency in row.amounts),
        "totals": [{name: total[name] for name in ("class", *FIGURES)} for total in totals],
    }
    rows = [cells for row in found.rows for cells in _rows(row)]
    return Body(head, COLUMNS, frozenset({"cluster"}), rows, tuple, covered=False)


def _rows(row: BytesRow) -> Iterator[tuple[Any, ...]]:
    for currency in row.amounts or (None,):
        yield (
            row.day.isoformat() if row.day else None,
            row.cluster or None,
            row.transfer_class,
            _size(row.billed),
            _size(row.once),
            row.measured,
            _size(row.difference),
            exact_text(row.difference_percent),
            *(
                None if size is None else bill_text(size)
                for size in (row.surplus, row.deficit, row.unmeasured)
            ),
            row.unread,
            currency,
            amount_text(row.amounts[currency]) if currency else None,
            amount_text(row.unexplained[currency]) if currency else None,
        )


def _size(size: Decimal | None) -> str | None:
    return None if size is None else bill_text(size)
