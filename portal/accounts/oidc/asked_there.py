"""When somebody was last asked at their provider: it also lets in who was asked there long ago."""

import logging
import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.signals import user_logged_in
from django.contrib import messages
from django.http import HttpRequest

from portal.accounts.oidc.adapter import provider_named

logger = logging.getLogger(__name__)
NEVER = 0.0
SILENT = (
    "%s did not say when it asked who you are, so this confirms nothing. If it cannot say, whoever looks "
    "after this server writes auth_time = false into the file of providers."
)


def begin() -> None:
    """From now on, a sign-in at a provider is as old as the provider says."""
    user_logged_in.connect(_date, dispatch_uid="oidc")


def asked_there(claims: dict[str, Any], believed: bool, now: float) -> float:
    """Seconds since 1970; `claims` are the ID token's. `believed`: without a word of when, it was now.

    `auth_time` has to be there where `max_age` was sent, which whoever sits at the browser can take out.
    """
    said = claims.get("auth_time")
    if isinstance(said, int | float) and not isinstance(said, bool):
        return min(float(said), now)
    return now if believed else NEVER


def _date(request: HttpRequest, sociallogin: Any = None, **_: Any) -> None:
    if sociallogin is None:
        return
    provider, again = provider_named(sociallogin.account.provider), bool(sociallogin.state.get("again"))
    claims = sociallogin.account.extra_data["id_token"]
    at = asked_there(claims, again and not provider.auth_time, time.time())
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    for record in records:
        if record["method"] == "socialaccount":
            record["at"] = at
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    if again and at == NEVER:
        logger.warning(SILENT, provider.name)
        messages.warning(request, SILENT % provider.name)
