"""`manage.py create_token --name N --scope S`: a token for the API, shown once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.management.named import person_named
from portal.accounts.permissions import SCOPES
from portal.accounts.tokens import TokenError, create_token


class Command(BaseCommand):
    """Print a new token; it cannot be shown again."""

    help = "Make a token with which a program reads the API. It is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Scopes are checked where they are used, so that the message is the same everywhere."""
        parser.add_argument("--name", required=True, help="what this token is for")
        parser.add_argument(
            "--owner", required=True, help="the account of who answers for it; it reads at most what they may"
        )
        parser.add_argument(
            "--scope", action="append", required=True, help=f"what it reads: {', '.join(SCOPES)}; repeatable"
        )
        parser.add_argument("--tenant", help="only what this tenant and those below it bear")
        parser.add_argument(
            "--expires", type=int, metavar="DAYS", help="days until it expires; default: never"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token alone on a line, so that a script can take it."""
        days = options["expires"]
        if days is not None and not 0 < days <= 36_500:
            raise CommandError(f"--expires {days}: expected a number of days from 1 to 36500")
        owner = person_named("--owner", options["owner"])
        try:
            token = create_token(
                owner=owner,
                name=options["name"],
                scopes=options["scope"],
                tenant=options["tenant"],
                expires_in=None if days is None else timedelta(days=days),
                now=datetime.now(UTC),
            )
        except TokenError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(token)
        self.stderr.write("Keep it now: only its hash is stored.")
