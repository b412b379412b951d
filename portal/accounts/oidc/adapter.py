"""What happens once a provider has said who somebody is."""

import hmac
from datetime import UTC, datetime
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

from portal.accounts.models import User
from portal.accounts.oidc.groups import follow_groups
from portal.identity_providers.declared import OidcProvider


class SocialAdapter(DefaultSocialAccountAdapter):
    """Accounts are known by (provider, subject) only: no address or name joins anybody's account."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The nonce is that of this try; roles follow the groups of now."""
        token, userinfo = _claims(sociallogin)
        sent, came = str(sociallogin.state.get("nonce") or ""), str(token.get("nonce") or "")
        same_try = bool(sent) and hmac.compare_digest(sent.encode(), came.encode())
        if not same_try or userinfo.get("sub", token["sub"]) != token["sub"]:
            page = render(request, "socialaccount/authentication_error.html", status=401)
            raise ImmediateHttpResponse(page)
        sociallogin.email_addresses = []
        if sociallogin.is_existing:
            self._follow(sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """A first sign-in makes the account, with what its groups give."""
        user: User = super().save_user(request, sociallogin, form)
        self._follow(sociallogin)
        return user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Whom a declared provider vouches for may have an account; without a group it sees nothing."""
        return True

    def _follow(self, sociallogin: Any) -> None:
        token, userinfo = _claims(sociallogin)
        follow_groups(
            user=sociallogin.user,
            provider=provider_named(sociallogin.account.provider),
            claims=token | userinfo,
            now=datetime.now(UTC),
        )


def provider_named(key: str) -> OidcProvider:
    """The declared provider with this key."""
    return next(one for one in settings.ENV.oidc if one.key == key)


def _claims(sociallogin: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the ID token and of the user's endpoint."""
    data = sociallogin.account.extra_data
    return data["id_token"], data.get("userinfo") or {}
