"""`manage.py export_month 2026-03 --to DIR`: write a closed month to files."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.domain.months import parse_month
from attribution.operations.periods.export import export_month


class Command(BaseCommand):
    """Gzipped CSV of everything that the month's hash is made of, with a manifest of hashes."""

    help = "Write a closed month to a folder of its own, and record it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which month, and where to."""
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--to", required=True, type=Path, metavar="DIR")
        parser.add_argument("--by", default="", metavar="USER", help="for the record; else the system's user")

    def handle(self, *args: Any, month: str, to: Path, by: str, **options: Any) -> None:
        """Write it, or say why not."""
        try:
            done = export_month(
                parse_month(month), folder=to.resolve(), by=by or getpass.getuser(), now=datetime.now(UTC)
            )
        except (ValueError, OSError) as refusal:  # CannotStep is one
            raise CommandError(str(refusal)) from None
        said = f"{done.rows} rows in {done.files} files, manifest {done.manifest_sha256.hex()}"
        self.stdout.write(f"{month}: {done.folder}, {said}")
