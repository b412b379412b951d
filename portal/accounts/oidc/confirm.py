"""Confirming that it is oneself, for who has no password here."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def confirm_by_provider(request: HttpRequest) -> HttpResponse:
    """Sign in at the provider again; what was to be sent is sent again afterwards, by hand."""
    keys = set(SocialAccount.objects.filter(user=request.user.pk).values_list("provider", flat=True))
    mine = [one for one in settings.ENV.oidc if one.key in keys]
    return render(request, "account/confirm_by_provider.html", {"mine": mine})
