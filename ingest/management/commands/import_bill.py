"""`manage.py import_bill --source NAME FILE…`: FOCUS files become bills."""

from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from ingest.operations.import_bill import ImportedBill, ImportedDelivery, import_bill
from ingest.queries.named_source import WrongSource
from ingest.sources.rejected import RefusedFile

REJECTIONS_SHOWN = 10


class Command(BaseCommand):
    """Import one delivery; exits non-zero when it is refused."""

    help = (
        "Import FOCUS files (1.0 to 1.4; CSV, gzip, Parquet; files or folders) as one delivery of a source."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """All files of a billing period must be given together: a bill is replaced whole."""
        parser.add_argument("--source", required=True, help="name of a source of kind focus")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of them")

    def handle(self, *args: Any, source: str, files: list[Path], **options: Any) -> None:
        """Import, and print what became of each period."""
        try:
            delivery = import_bill(source_name=source, paths=files, now=datetime.now(UTC))
        except WrongSource as wrong:
            raise CommandError(str(wrong)) from None
        except RefusedFile as refused:
            raise CommandError(f"refused, nothing of this delivery is used. {refused}") from None
        console = Console(file=cast("IO[str]", self.stdout._out), width=140)
        console.print(_table(delivery))
        for rejection in delivery.rejections[:REJECTIONS_SHOWN]:
            console.print(
                f"rejected {rejection.file} line {rejection.line}: {rejection.reason}", markup=False
            )
        if len(delivery.rejections) > REJECTIONS_SHOWN:
            console.print(f"… and {len(delivery.rejections) - REJECTIONS_SHOWN:,} more: see data health")


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
    if not bill.changed:
        return f"version {bill.version}, unchanged"
    return f"version {bill.version}, new" if bill.version == 1 else f"version {bill.version}, replaced"
