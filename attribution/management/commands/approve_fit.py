"""`manage.py approve_fit ID --by USER`: let a proposed fit weigh tokens."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.operations.decide_fit import CannotDecide, approve_fit


class Command(BaseCommand):
    """The hours of its validity become dirty, and are attributed anew by the next run."""

    help = "Approve a proposed fit of token weights; whoever proposed it cannot."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which fit, and who says so."""
        parser.add_argument("fit_id", type=int, metavar="ID")
        parser.add_argument("--by", required=True, metavar="USER")

    def handle(self, *args: Any, fit_id: int, by: str, **options: Any) -> None:
        """Approve, or say why not."""
        try:
            fit = approve_fit(fit_id=fit_id, by=by, now=datetime.now(UTC))
        except CannotDecide as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{fit}, by {by}, from {fit.valid.lower:%Y-%m-%dT%H:%MZ} on")
