"""`manage.py createadmin NAME`: an administrator, or a new link for one who has lost their password."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.accounts.models import Membership, Role, User
from portal.accounts.one_time_link import one_time_link


class Command(BaseCommand):
    """Print a link; whoever opens it chooses the password. The first-run page is for the first one only."""

    help = "Make an administrator and print a one-time link (a day) by which they choose their password."

    def add_arguments(self, parser: CommandParser) -> None:
        """A name is enough."""
        parser.add_argument("name", help="with which they sign in")
        parser.add_argument(
            "--base", default="", help="the portal's address, such as https://costs.example.org"
        )

    def handle(self, *args: Any, name: str, base: str, **options: Any) -> None:
        """A second time it prints another link for the same account: a lost password is mended like this."""
        try:
            user = _administrator(name)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(one_time_link(user, base.rstrip("/")))
        self.stderr.write("It works once, within a day. Ask for another by the same command.")


@transaction.atomic
def _administrator(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User(username=name)
        user.set_unusable_password()
        user.full_clean(exclude=["person", "password"])
        user.save()
    Membership.objects.get_or_create(user=user, role=Role.ADMINISTRATOR, tenant=None)
    return user
