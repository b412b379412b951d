"""`manage.py import_bill --source NAME [FILE…]`: files, or what is new in its place, become bills."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from ingest.management.rejections import said_of
from ingest.operations.import_bill import ImportedBill, ImportedDelivery, import_bill
from ingest.operations.pull_bills import pull_bills
from ingest.queries.named_source import WrongSource
from ingest.sources.errors import SourceError
from ingest.sources.rejected import RefusedFile


class Command(BaseCommand):
    """Import files as one delivery, or pull; exits non-zero when anything is refused."""

    help = (
        "Import a provider's bill: files or folders given, or what is new in the source's folder or bucket."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """All files of a billing period must be given together: a bill is replaced whole."""
        parser.add_argument("--source", required=True, help="name of a source that brings bills")
        parser.add_argument(
            "files",
            nargs="*",
            type=Path,
            metavar="FILE",
            help="files, or folders of them, as one delivery; none: look into the source's path or url",
        )

    def handle(self, *args: Any, source: str, files: list[Path], **options: Any) -> None:
        """Import, and print what became of each period."""
        console = Console(file=cast("IO[str]", self.stdout._out), width=140)
        try:
            if files:
                _print(console, import_bill(source_name=source, paths=files, now=datetime.now(UTC)))
            else:
                self._pull(console, source)
        except (WrongSource, SourceError) as wrong:
            raise CommandError(str(wrong)) from None
        except RefusedFile as refused:
            raise CommandError(f"refused, nothing of this delivery is used. {refused}") from None

    def _pull(self, console: Console, source: str) -> None:
        pulled = pull_bills(source_name=source, now=datetime.now(UTC), quiet=timedelta(0))
        for each in pulled:
            said = f"{each.month or 'all months'}: {each.state.label}"
            console.print(f"{said}: {each.detail}" if each.detail else said, markup=False)
            if each.delivery:
                _print(console, each.delivery)
        if not pulled:
            console.print("nothing there")
        if refused := [each for each in pulled if each.state == "refused"]:
            raise CommandError(f"{len(refused)} refused, what stood before stands; see above and data health")


def _print(console: Console, delivery: ImportedDelivery) -> None:
    console.print(_table(delivery))
    for said in said_of(delivery.rejections):
        console.print(said, markup=False)


def _table(delivery: ImportedDelivery) -> Table:
    table = Table("period", "bill")
    for name in ("rows", "rejected", "billed", "effective"):
        table.add_column(name, justify="right")
    table.add_column("currency")
    for bill in delivery.bills:
        for number, total in enumerate(bill.totals or [None]):
            amounts = (f"{total.billed:f}", f"{total.effective:f}", total.currency) if total else ("–",) * 3
            head = (_period(bill), _version(bill), f"{bill.accepted:,}", f"{bill.rejected:,}")
            table.add_row(*(head if number == 0 else [""] * 4), *amounts)
    return table


def _period(bill: ImportedBill) -> str:
    return f"{bill.period_start:%Y-%m-%d} to {bill.period_end:%Y-%m-%d}"


def _version(bill: ImportedBill) -> str:
    if bill.version is None:
        return "no usable row, kept as it was"
    if bill.older:
        return f"version {bill.version} was exported later and stays"
    if not bill.changed:
        return f"version {bill.version}, unchanged"
    return f"version {bill.version}, new" if bill.version == 1 else f"version {bill.version}, replaced"
