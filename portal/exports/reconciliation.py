"""Reconciliation as a table of plain values: a row for each thing that is said of a bill."""

from collections.abc import Iterator
from typing import Any

from attribution.queries.reconciliation import BillReconciliation, reconciliation
from attribution.queries.scope import TenantScope
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text, bill_text, time_text
from portal.exports.tables import Body, currency_of

BILL = ("source", "export", "period_start", "period_end", "version", "currency")
COLUMNS = (*BILL, "item", "kind", "use", "resource", "amount")
TEXTS = frozenset({"source", "export", "resource"})


def reconciliation_body(asked: Asked, scope: TenantScope) -> Body:
    """Items of a bill: billed, effective, rounding, ledger (by kind and use), outside, difference; not_seen.

    effective = rounding + ledger + outside + difference. What is not seen is part of the ledger.
    """
    found = reconciliation(asked.start, asked.end)
    head: dict[str, Any] = {
        "currency": currency_of(bill.currency for bill in found.bills),
        "balanced": found.balanced,
        "bills": [_summary(bill) for bill in found.bills],
        "open_windows": [
            {"cluster": window.cluster or None, "hour": time_text(window.hour), "error": window.error or None}
            for window in found.open_windows
        ],
    }
    rows = [row for bill in found.bills for row in _rows(bill)]
    return Body(head, COLUMNS, TEXTS, rows, tuple, covered=False)


def _key(bill: BillReconciliation) -> tuple[Any, ...]:
    start, end = time_text(bill.period_start), time_text(bill.period_end)
    return (bill.source, bill.export, start, end, bill.version, bill.currency)


def _summary(bill: BillReconciliation) -> dict[str, Any]:
    return dict(zip(BILL, _key(bill), strict=True)) | {
        "billed": bill_text(bill.billed),
        "effective": bill_text(bill.effective),
        "in_ledger": amount_text(bill.in_ledger_nano),
        "outside": amount_text(bill.outside_nano),
        "difference": amount_text(bill.difference_nano),
        "rows": bill.accepted,
        "rejected_rows": bill.rejected,
    }


def _rows(bill: BillReconciliation) -> Iterator[tuple[Any, ...]]:
    key = _key(bill)
    yield (*key, "billed", None, None, None, bill_text(bill.billed))
    yield (*key, "effective", None, None, None, bill_text(bill.effective))
    yield (*key, "rounding", None, None, None, bill_text(bill.rounding))
    for part in bill.in_ledger:
        yield (*key, "ledger", part.kind, part.use, None, amount_text(part.amount_nano))
    yield (*key, "outside", None, None, None, amount_text(bill.outside_nano))
    yield (*key, "difference", None, None, None, amount_text(bill.difference_nano))
    for machine in bill.not_seen:
        yield (*key, "not_seen", "accelerator", None, machine.resource, amount_text(machine.amount_nano))
