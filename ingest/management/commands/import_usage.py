"""`manage.py import_usage --source NAME FILE…`: saved pages of a provider's usage report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.management.rejections import said_of
from ingest.operations.import_usage_pages import import_usage_pages
from ingest.queries.named_source import WrongSource
from ingest.sources.rejected import RefusedFile


class Command(BaseCommand):
    """Replace the days that the pages tell of; exits non-zero when a file is refused."""

    help = "Import saved pages of OpenAI's or Anthropic's usage report, by the hour."

    def add_arguments(self, parser: CommandParser) -> None:
        """All pages of a day must be given together: a day is replaced whole."""
        parser.add_argument("--source", required=True, help="name of a source of kind openai or anthropic")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="pages as JSON")

    def handle(self, *args: Any, source: str, files: list[Path], **options: Any) -> None:
        """Import, and say what became of it."""
        try:
            found = import_usage_pages(source_name=source, paths=files, now=datetime.now(UTC))
        except WrongSource as wrong:
            raise CommandError(str(wrong)) from None
        except RefusedFile as refused:
            raise CommandError(f"refused, nothing of these files is used. {refused}") from None
        self.stdout.write(f"{found.rows:,} rows of {found.days} days, {found.changed} of them new or changed")
        for said in said_of(found.rejections, "row"):
            self.stdout.write(said)
