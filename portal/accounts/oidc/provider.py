"""The provider that allauth finds by this module's name; it takes the place of its own."""

import secrets
from typing import Any

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.accounts.oidc.client import OidcClient


class Provider(OpenIDConnectProvider):
    """Each try has a nonce of its own beside state and PKCE, and is about signing in, nothing else.

    `max_age` makes the provider say when it asked; where somebody has to confirm, it is told to ask now.
    """

    oauth2_adapter_class = OidcClient

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """To the provider; parameters that came with the request are not passed on."""
        nonce = secrets.token_urlsafe(32)
        again = bool(request.POST.get("again"))
        when = {"prompt": "login", "max_age": 0} if again else {"max_age": settings.SESSION_COOKIE_AGE}
        kwargs |= {"auth_params": {"nonce": nonce} | when, "scope": self.get_scope()}
        kwargs |= {"nonce": nonce, "again": again}
        answer: HttpResponse = super().redirect(request, AuthProcess.LOGIN, next_url, data, **kwargs)
        return answer


provider_classes = [Provider]
