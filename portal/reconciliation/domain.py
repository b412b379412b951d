"""What a reconciliation page says of a bill, from the reconciliation of the ledger."""

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Context, Decimal

from attribution.domain.money import from_nano
from attribution.queries.reconciliation import BillReconciliation
from ingest.queries.rejected import RejectedAmount
from portal.components.formats import DASH, counted, plain
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import day, stretch
from portal.costs.parts import KINDS, USES

NANO_PLACES = 9
_WIDE = Context(prec=60)


def exact(nano: int | None) -> str:
    """Nano-units with all nine digits, zero as 0: a reconciliation hides nothing in a rounding."""
    if nano == 0:
        return "0"
    return DASH if nano is None else plain(from_nano(nano), NANO_PLACES)


def bills_table(bills: Sequence[BillReconciliation], zone: tzinfo) -> Table:
    """One line a bill and currency."""
    columns = [
        Column("Bill"),
        Column("Billed", True, hint="What is payable"),
        Column("Effective", True, hint="With commitments amortised: what the ledger apportions"),
        Column("In the ledger", True),
        Column("Outside these days", True),
        Column("Difference", True),
        Column("Rejected rows", True),
    ]
    return Table(
        title="Bills",
        upright=True,
        caption="Each bill in its own currency; to the nano-unit. Difference = effective − ledger − outside.",
        columns=columns,
        rows=[_bill(bill, zone) for bill in bills],
        note=counted(len(bills), "bill"),
    )


def _bill(bill: BillReconciliation, zone: tzinfo) -> Row:
    name = f"{bill.source}{f' · {bill.export}' if bill.export else ''}"
    period = stretch(bill.period_start, bill.period_end, zone)
    rejected = Tag("rejected", "warn") if bill.rejected else None
    return Row(
        [
            Cell(
                name,
                f"#bill-{bill.bill_id}-{bill.currency}",
                under=f"{period}, {bill.currency}, version {bill.version}, "
                f"imported {day(bill.imported_at.astimezone(zone).date())}",
            ),
            Cell(every_digit(bill.billed)),
            Cell(exact(bill.effective_nano)),
            Cell(exact(bill.in_ledger_nano)),
            Cell(exact(bill.outside_nano)),
            _difference(bill),
            Cell(plain(bill.rejected), tag=rejected),
        ],
        below=_rounding(bill),
    )


def rejected_words(one: RejectedAmount) -> str:
    """How many rows were rejected, and what they say that no bill here contains."""
    rows = counted(one.rows, "row")
    if one.amount is None:
        return f"{rows}, amount unreadable"
    return f"{rows}, {every_digit(Decimal(one.amount))} {one.currency} that no bill here contains"


def every_digit(value: Decimal) -> str:
    """A bill's decimal with all digits that say something, two at least."""
    exponent = value.normalize(_WIDE).as_tuple().exponent
    return plain(value, max(2, -exponent if isinstance(exponent, int) else 2))


def _rounding(bill: BillReconciliation) -> str:
    """The bill's total is rounded to nano-units once; where that took something away, what it was."""
    said = f"Effective is exactly {every_digit(bill.effective)}: a bill is rounded once, to the nano-unit"
    return said if bill.rounding else ""


def _difference(bill: BillReconciliation) -> Cell:
    if bill.difference_nano == 0:
        return Cell("0", tag=Tag("balanced", "ok"))
    if bill.dropped:
        waits = Tag("came after its rows were dropped", "warn")
    elif bill.pools_stale:
        waits = Tag("pools are due anew", "warn")
    else:
        waits = Tag("does not balance", "danger")
    return Cell(exact(bill.difference_nano), tag=waits)


def parts_table(bill: BillReconciliation) -> Table:
    """What of one bill stands in the ledger, by kind and use; the last line is the bill."""
    rows = [
        Row([Cell(KINDS[part.kind]), Cell(USES[part.use]), Cell(exact(part.amount_nano))])
        for part in bill.in_ledger
    ]
    rows += [
        Row([Cell("Outside these days"), Cell(), Cell(exact(bill.outside_nano))], quiet=True),
        Row([Cell("Difference"), Cell(), Cell(exact(bill.difference_nano))], quiet=True),
    ]
    return Table(
        title=f"{bill.source}, {bill.currency}, by kind and use",
        upright=True,
        caption=f"{bill.currency}; the lines add up to the bill",
        columns=[Column("Kind"), Column("Use"), Column("Amount", True)],
        rows=rows,
        foot=[Row([Cell("Effective cost of the bill"), Cell(), Cell(exact(bill.effective_nano))])],
    )


def not_seen_table(bill: BillReconciliation) -> Table:
    """Machines that the bill names and telemetry never showed."""
    total = sum(machine.amount_nano for machine in bill.not_seen)
    return Table(
        title="Billed, not seen",
        caption=f"{bill.currency}, within these days",
        columns=[Column("Node"), Column("Amount", True)],
        rows=[
            Row([Cell(one.resource or "no name in the bill"), Cell(exact(one.amount_nano))])
            for one in bill.not_seen
        ],
        foot=[Row([Cell("Total"), Cell(exact(total))])],
        note=counted(len(bill.not_seen), "node"),
    )
