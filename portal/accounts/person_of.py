"""Who is behind a request."""

from typing import Any

from django.core.exceptions import PermissionDenied

from portal.accounts.models import Person, ServiceToken, User


def person_of(request: Any) -> Person:
    """The human being behind a page's or the API's request: an account's person, a token's owner.

    Raises PermissionDenied where there is none, so that nothing is done in nobody's name.
    """
    if isinstance(request.user, ServiceToken):
        return request.user.owner
    if isinstance(request.user, User):
        return request.user.person
    raise PermissionDenied("Sign in first.")
