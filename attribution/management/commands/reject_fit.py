"""`manage.py reject_fit ID --by USER --reason TEXT`: close a proposal, or take an approved fit back."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.operations.decide_fit import CannotDecide, reject_fit, withdraw_fit


class Command(BaseCommand):
    """With `--withdraw` it is an approved fit, whose hours are then attributed by declared weights again."""

    help = "Reject a proposed fit of token weights, or withdraw an approved one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which fit, who says so, and why."""
        parser.add_argument("fit_id", type=int, metavar="ID")
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True, metavar="TEXT")
        parser.add_argument("--withdraw", action="store_true", help="an approved fit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide, or say why not."""
        decide = withdraw_fit if options["withdraw"] else reject_fit
        try:
            fit = decide(
                fit_id=options["fit_id"], by=options["by"], reason=options["reason"], now=datetime.now(UTC)
            )
        except CannotDecide as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{fit}, by {options['by']}: {fit.reason}")
