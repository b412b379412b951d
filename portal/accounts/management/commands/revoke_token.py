"""`manage.py revoke_token PREFIX`: from now on the token reads nothing."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.tokens import revoke_token


class Command(BaseCommand):
    """Revoke a token for good."""

    help = "Revoke a token of the API, by its prefix (the middle part) or its whole text."

    def add_arguments(self, parser: CommandParser) -> None:
        """One token at a time."""
        parser.add_argument("prefix")

    def handle(self, *args: Any, prefix: str, **options: Any) -> None:
        """Fails when there is nothing to revoke, so that a typo is noticed."""
        if not revoke_token(prefix, datetime.now(UTC)):
            raise CommandError("no token with this prefix is in use")
        self.stdout.write("revoked")
