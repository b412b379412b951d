"""When somebody was last asked at their provider: it also lets in who was asked there long ago."""

import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.signals import user_logged_in
from django.http import HttpRequest

NEVER = 0.0


def begin() -> None:
    """From now on, a sign-in at a provider is as old as the provider says."""
    user_logged_in.connect(_date, dispatch_uid="oidc")


def asked_there(claims: dict[str, Any], again: bool, now: float) -> float:
    """Seconds since 1970; `claims` are the ID token's, `again`: the provider was told to ask.

    One that does not say when (`auth_time` has to be there where `max_age` was sent) is believed only where
    it was told to ask.
    """
    said = claims.get("auth_time")
    if isinstance(said, int | float) and not isinstance(said, bool):
        return min(float(said), now)
    return now if again else NEVER


def _date(request: HttpRequest, sociallogin: Any = None, **_: Any) -> None:
    if sociallogin is None:
        return
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    claims, again = sociallogin.account.extra_data["id_token"], bool(sociallogin.state.get("again"))
    for record in records:
        if record["method"] == "socialaccount":
            record["at"] = asked_there(claims, again, time.time())
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records
