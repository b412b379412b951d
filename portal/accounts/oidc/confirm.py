"""Confirming that it is oneself, for who has no password here."""

from collections.abc import Sequence
from typing import cast

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.accounts.came_from import came_from
from portal.accounts.models import User
from portal.identity_providers.declared import OidcProvider


def providers_of(user: User) -> Sequence[OidcProvider]:
    """Where this account signs in; none for one that only has a password, or whose provider has gone."""
    keys = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    return [one for one in settings.ENV.oidc if one.key in keys]


def confirm_by_provider(request: HttpRequest) -> HttpResponse:
    """Sign in at the provider again; what was to be sent is sent again afterwards, by hand."""
    user = cast(User, request.user)
    if user.has_usable_password():
        return redirect("account_reauthenticate")
    return render(
        request,
        "account/confirm_by_provider.html",
        {"mine": providers_of(user), "came_from": came_from(request)},
    )
