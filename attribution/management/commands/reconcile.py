"""`manage.py reconcile --from T --to T`: does the ledger say what the bills say?"""

from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attribution.domain.money import from_nano
from attribution.management.commands.attribute import moment
from attribution.queries.reconciliation import BillReconciliation, Reconciliation, reconciliation

NAMED_WINDOWS = 20


class Command(BaseCommand):
    """A table for each bill; fails unless every difference is zero and every window is attributed."""

    help = "Compare the current bills that touch a range with the ledger, to the nano-unit."

    def add_arguments(self, parser: CommandParser) -> None:
        """Times are ISO 8601 UTC, ends exclusive."""
        parser.add_argument("--from", dest="start", required=True, type=moment)
        parser.add_argument("--to", dest="end", required=True, type=moment)

    def handle(self, *args: Any, start: datetime, end: datetime, **options: Any) -> None:
        """Print, then fail where something is off."""
        if end <= start:
            raise CommandError(f"--to {end:%Y-%m-%dT%H:%MZ} is not after --from {start:%Y-%m-%dT%H:%MZ}")
        found = reconciliation(start, end)
        console = Console(file=cast(TextIO, self.stdout), width=100, highlight=False)
        for bill in found.bills:
            console.print(_table(bill))
        if not found.bills:
            console.print("no bill touches this range")
        for window in found.open_windows[:NAMED_WINDOWS]:
            where = window.cluster or "no cluster"
            console.print(Text(f"not attributed: {window.hour:%Y-%m-%dT%H:%MZ}, {where} {window.error}"))
        _fail_unless_balanced(found)


def _fail_unless_balanced(found: Reconciliation) -> None:
    off = sum(1 for bill in found.bills if bill.difference_nano)
    if found.balanced:
        return
    said = [f"{off} of {len(found.bills)} bills differ from the ledger"] if off else []
    if found.open_windows:
        said.append(f"{len(found.open_windows)} windows are not attributed")
    raise CommandError("; ".join(said))


def _table(bill: BillReconciliation) -> Table:
    title = f"{bill.source} {bill.export} {bill.period_start:%Y-%m-%d} to {bill.period_end:%Y-%m-%d}"
    table = Table(title=Text(f"{title}, version {bill.version}, {bill.currency}"), title_justify="left")
    table.add_column("")
    table.add_column(bill.currency, justify="right")
    table.add_row("billed", _plain(bill.billed))
    table.add_row("effective", _plain(bill.effective))
    table.add_row("effective, in nano-units", f"{from_nano(bill.effective_nano):f}", end_section=True)
    for part in bill.in_ledger:
        table.add_row(f"{part.kind} · {part.use}", f"{from_nano(part.amount_nano):f}")
    table.add_section()
    table.add_row("in the ledger of this range", f"{from_nano(bill.in_ledger_nano):f}")
    table.add_row("charges outside of this range", f"{from_nano(bill.outside_nano):f}")
    table.add_row("difference", f"{from_nano(bill.difference_nano):f}")
    if bill.rejected:
        table.add_row("rows rejected on import", str(bill.rejected))
    return table


def _plain(exact: Decimal) -> str:
    """Every digit that says something: the database pads with zeros, the default context would round."""
    with localcontext(prec=60):
        return f"{exact.normalize():f}"
