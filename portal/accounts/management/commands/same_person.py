"""`manage.py same_person ANN ANN-AT-IDP`: two accounts are one human being."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.accounts.models import ServiceToken, User


class Command(BaseCommand):
    """Join the second account, and its tokens, to the first one's person."""

    help = "Say that two accounts are one person, so that they are never taken for two."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two accounts."""
        parser.add_argument("account")
        parser.add_argument("other")

    @transaction.atomic
    def handle(self, *args: Any, account: str, other: str, **options: Any) -> None:
        """What the other person did before stays theirs in the records."""
        found = {user.username: user for user in User.objects.filter(username__in=[account, other])}
        for name in (account, other):
            if name not in found:
                raise CommandError(f"there is no account {name!r}")
        kept, gone = found[account].person, found[other].person
        User.objects.filter(person=gone).update(person=kept)
        ServiceToken.objects.filter(owner=gone).update(owner=kept)
        self.stdout.write(f"{account} and {other} are {kept.name}")
