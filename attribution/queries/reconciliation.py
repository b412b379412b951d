"""Does the ledger say what the bills say?"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.money import from_nano
from attribution.queries.organization import organization
from attribution.queries.span import span_of
from attribution.sql import statement


class InLedger(NamedTuple):
    """What the ledger's lines of the range say of a bill, for one kind and use."""

    kind: str
    use: str
    amount_nano: int


class NotSeen(NamedTuple):
    """A machine that the bill names and telemetry never showed ("" where it has no name)."""

    resource: str
    amount_nano: int


class OpenWindow(NamedTuple):
    """A window that waits for attribution; `cluster` is "" for what belongs to no cluster."""

    cluster: str
    hour: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class BillReconciliation:
    """A current bill in one currency, against the ledger of a range.

    `billed` and `effective` are exact; `effective_nano` is rounded once. `outside_nano` is what its charges
    say of hours outside of the range. `pools_stale`: nodes' lives changed, its cost pools are due anew.
    `dropped`: retention dropped the rows of its month, so what came later stands in no ledger.
    """

    bill_id: int
    source: str
    provider: str
    export: str
    period_start: datetime
    period_end: datetime
    version: int
    imported_at: datetime
    accepted: int
    rejected: int
    pools_stale: bool
    currency: str
    billed: Decimal
    effective: Decimal
    effective_nano: int
    dropped: bool
    in_ledger: tuple[InLedger, ...]
    outside_nano: int
    not_seen: tuple[NotSeen, ...]

    @property
    def in_ledger_nano(self) -> int:
        """All that the ledger's lines of the range say of it."""
        return sum(part.amount_nano for part in self.in_ledger)

    @property
    def difference_nano(self) -> int:
        """What the bill says and the ledger does not; 0 when they agree."""
        return self.effective_nano - self.in_ledger_nano - self.outside_nano

    @property
    def rounding(self) -> Decimal:
        """What rounding the bill's total to nano-units took away: at most half a nano-unit."""
        with localcontext(prec=60):
            return self.effective - from_nano(self.effective_nano)


@dataclass(frozen=True)
class Reconciliation:
    """Bills by period, source and currency; windows of the range that wait, by hour."""

    bills: tuple[BillReconciliation, ...]
    open_windows: tuple[OpenWindow, ...]

    @property
    def balanced(self) -> bool:
        """No difference in any bill, and nothing waits."""
        return not self.open_windows and not any(bill.difference_nano for bill in self.bills)


def reconciliation(start: datetime, end: datetime) -> Reconciliation:
    """Every current bill that touches [start, end), to the nano-unit. ValueError for an empty range."""
    span = span_of(start, end, organization().zone)
    parameters: dict[str, Any] = {"start": span.start, "end": span.end, "zone": span.zone.key}
    heads = _fetch("bills_of_range", parameters)
    parameters["bills"] = sorted({head[0] for head in heads})
    lines: dict[tuple[int, str], list[InLedger]] = defaultdict(list)
    for bill_id, currency, kind, use, amount in _fetch("bills_in_ledger", parameters):
        lines[bill_id, currency].append(InLedger(kind, use, int(amount)))
    unseen: dict[tuple[int, str], list[NotSeen]] = defaultdict(list)
    for bill_id, currency, resource, amount in _fetch("bills_not_seen", parameters):
        unseen[bill_id, currency].append(NotSeen(resource, int(amount)))
    outside = {
        (bill, currency): int(sum_) for bill, currency, sum_ in _fetch("bills_outside_range", parameters)
    }
    bills = []
    for head in heads:
        key = (head[0], head[11])
        found: tuple[Any, ...] = (*head, tuple(lines[key]), outside.get(key, 0), tuple(unseen[key]))
        bills.append(BillReconciliation(*found))
    return Reconciliation(tuple(bills), open_windows(start, end))


def open_windows(start: datetime, end: datetime) -> tuple[OpenWindow, ...]:
    """Windows of [start, end) that are dirty, by hour; whatever was never attributed is."""
    return tuple(OpenWindow(*row) for row in _fetch("open_windows", {"start": start, "end": end}))


def _fetch(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
