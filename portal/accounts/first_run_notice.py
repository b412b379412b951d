"""What the web server says at its start while nobody can sign in."""

import sys
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, ProgrammingError
from django.urls import reverse

from portal.accounts.first_run import new_token


def say_first_run() -> None:
    """Print the address that makes the first administrator. Never keeps the server from starting."""
    try:
        token = new_token(datetime.now(UTC))
    except ProgrammingError:
        sys.stderr.write(
            "The database has no tables yet: run manage.py migrate, then start the web server again.\n\n"
        )
        return
    except DatabaseError:
        return
    if token is not None:
        address = f"{settings.ENV.address}{reverse('first-run-link', args=[token])}"
        sys.stderr.write(
            "There is no administrator yet. Whoever opens this address becomes the first one; "
            f"it works once, within a day:\n\n    {address}\n\n"
        )
