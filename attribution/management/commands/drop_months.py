"""`manage.py drop_months --before 2025-01`: drop partitions of months that are closed and exported."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from attribution.domain.months import parse_month

_MONTHS = r"""SELECT DISTINCT to_date(substring(c.relname FROM '_(\d{4}_\d{2})$'), 'YYYY_MM')
               FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE c.relkind = 'r' AND c.relname ~ '_\d{4}_\d{2}$' ORDER BY 1"""


class Command(BaseCommand):
    """A month of UTC at a time; the database refuses one with an hour that is not closed and exported."""

    help = "Drop facts and ledger of months before a month; their roll-ups and exports stay."

    def add_arguments(self, parser: CommandParser) -> None:
        """Before which month; nothing is dropped without --yes."""
        parser.add_argument("--before", required=True, metavar="YYYY-MM")
        parser.add_argument("--yes", action="store_true", help="drop them; else it is only said which")

    def handle(self, *args: Any, before: str, yes: bool, **options: Any) -> None:
        """A line a month; fails when one was refused."""
        try:
            end = parse_month(before)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        with connection.cursor() as cursor:
            cursor.execute(_MONTHS)
            months = [row[0] for row in cursor.fetchall() if row[0] < end]
        refused = sum(not self._drop(month, really=yes) for month in months)
        if not months:
            self.stdout.write(f"no partition is of a month before {before}")
        if refused:
            raise CommandError(f"{refused} of {len(months)} months stay")

    def _drop(self, month: date, *, really: bool) -> bool:
        """Tried in any case, so that what is only said is true."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT drop_month_partitions(%s)", [month])
                dropped = cursor.fetchone()[0]
                transaction.set_rollback(not really)
        except DatabaseError as refusal:
            self.stderr.write(f"{month:%Y-%m}: {str(refusal).splitlines()[0]}")
            return False
        words = "dropped" if really else "would be dropped, with --yes"
        self.stdout.write(f"{month:%Y-%m}: {dropped} partitions {words}")
        return True
