"""The provider that allauth finds by this module's name; it takes the place of its own."""

import secrets
from typing import Any

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse

from portal.accounts.oidc.client import OidcClient


class Provider(OpenIDConnectProvider):
    """Each try has a nonce of its own beside state and PKCE, and is about signing in, nothing else."""

    oauth2_adapter_class = OidcClient

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """To the provider; parameters that came with the request are not passed on."""
        nonce = secrets.token_urlsafe(32)
        asked = {"nonce": nonce} | ({"prompt": "login"} if request.POST.get("again") else {})
        kwargs |= {"auth_params": asked, "scope": self.get_scope(), "nonce": nonce}
        answer: HttpResponse = super().redirect(request, AuthProcess.LOGIN, next_url, data, **kwargs)
        return answer


provider_classes = [Provider]
