"""`manage.py import_requests --source NAME FILE…`: request logs become hourly usage."""

from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from ingest.management.rejections import said_of
from ingest.operations.import_requests import ImportedLog, import_requests
from ingest.queries.named_source import WrongSource
from ingest.sources.rejected import RefusedFile


class Command(BaseCommand):
    """Import logs; exits non-zero when a file is refused."""

    help = "Import request logs (JSON lines, CSV, Parquet; zipped or not; files or folders) of a source."

    def add_arguments(self, parser: CommandParser) -> None:
        """The columns of the log are the source's, in fleet.toml."""
        parser.add_argument("--source", required=True, help="name of a source of kind request_log")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of them")

    def handle(self, *args: Any, source: str, files: list[Path], **options: Any) -> None:
        """Import, and print what became of each file."""
        try:
            logs = import_requests(source_name=source, paths=files, now=datetime.now(UTC))
        except WrongSource as wrong:
            raise CommandError(str(wrong)) from None
        except RefusedFile as refused:
            raise CommandError(f"refused, nothing of this file is used. {refused}") from None
        except ValueError as wrong:
            raise CommandError(f"source {source!r}: {wrong}") from None
        console = Console(file=cast("IO[str]", self.stdout._out), width=140)
        console.print(_table(logs))
        for said in said_of([rejection for log in logs for rejection in log.rejections]):
            console.print(said, markup=False)


def _table(logs: list[ImportedLog]) -> Table:
    table = Table("file", "what")
    for name in ("received", "accepted", "duplicate", "rejected"):
        table.add_column(name, justify="right")
    for log in logs:
        what = "replaces what it said before" if log.replaced else str(log.status.label)
        numbers = (log.received, log.counts.accepted, log.counts.duplicate, log.counts.rejected)
        table.add_row(log.file, what, *(f"{number:,}" for number in numbers))
    return table
