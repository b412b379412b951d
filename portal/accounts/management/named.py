"""Whom an option of a command names."""

from django.core.management.base import CommandError

from portal.accounts.models import Person


def person_named(option: str, username: str) -> Person:
    """The person of an account that is in use. Raises CommandError for any other name."""
    person = Person.objects.filter(users__username=username, users__is_active=True).first()
    if person is None:
        raise CommandError(
            f"{option}: there is no account {username!r} in use; name one with which somebody signs in, "
            "or make one: manage.py createadmin, or Members"
        )
    return person
