"""Some acts are only for who has just shown that it is them: closing, approving, roles, tokens."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portal.accounts.models import User

View = Callable[..., HttpResponseBase]


def authenticated_lately(request: HttpRequest) -> bool:
    """Whether somebody signed in, or confirmed that it is them, within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    if not isinstance(request.user, User):
        return False
    records = get_authentication_records(request, request.user)
    last = max((float(record["at"]) for record in records), default=0.0)
    return time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def recently_authenticated(view: View) -> View:
    """A view whose POST asks for the password, or the second factor, when that was some minutes ago.

    The form that was sent is kept meanwhile and carried out afterwards. GET and HEAD pass. What the view
    changes must be as right a minute later as when it was sent: bind it to a version or hash.
    """

    @wraps(view)
    def asked_again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") and not authenticated_lately(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return asked_again
