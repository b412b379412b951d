"""`manage.py reject_fit ID --by USER --reason TEXT`: close a proposal without using it."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.operations.decide_fit import CannotDecide, reject_fit


class Command(BaseCommand):
    """What weighs already is only taken back by a change that people agree to."""

    help = "Reject a proposed fit of token weights."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which fit, who says so, and why."""
        parser.add_argument("fit_id", type=int, metavar="ID")
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True, metavar="TEXT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide, or say why not."""
        try:
            fit = reject_fit(
                fit_id=options["fit_id"], by=options["by"], reason=options["reason"], now=datetime.now(UTC)
            )
        except CannotDecide as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{fit}, by {options['by']}: {fit.reason}")
