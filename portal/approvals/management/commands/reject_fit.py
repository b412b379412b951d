"""`manage.py reject_fit ID --by ACCOUNT --reason TEXT`: close a proposal without using it."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.operations.decide_fit import CannotDecide, reject_fit
from portal.accounts.management.named import person_named
from portal.accounts.models import Person
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of_person


class Command(BaseCommand):
    """Nothing weighs by it, so one person will do: one who could have agreed.

    What weighs already is only taken back by a change that people agree to.
    """

    help = "Reject a proposed fit of token weights."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which fit, who says so, and why."""
        parser.add_argument("fit_id", type=int, metavar="ID")
        parser.add_argument("--by", required=True, metavar="ACCOUNT", help="of somebody who approves changes")
        parser.add_argument("--reason", required=True, metavar="TEXT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide, or say why not."""
        person, now = _approver(options["by"]), datetime.now(UTC)
        try:
            fit = reject_fit(fit_id=options["fit_id"], by=person.name, reason=options["reason"], now=now)
        except CannotDecide as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{fit}, by {person.name}: {fit.reason}")


def _approver(username: str) -> Person:
    person = person_named("--by", username)
    if viewer_of_person(person).scope(Permission.APPROVE_CHANGES).bound:
        raise CommandError(f"--by: {person.name} has no role that approves changes of everybody")
    return person
