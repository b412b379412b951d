"""Off to the provider, and back."""

import logging

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST
from requests import RequestException

from portal.accounts.oidc.client import OidcClient

logger = logging.getLogger(__name__)


@login_not_required
@require_POST
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the provider's sign-in page."""
    return _with(OAuth2LoginView, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from it, with a code."""
    return _with(OAuth2CallbackView, request, provider_id)


def _with(view: type, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(OidcClient(request, provider_id))(request)  # type: ignore[attr-defined]  # allauth sets it
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (OAuth2Error, RequestException) as problem:
        logger.warning("the identity provider %s cannot be asked: %s", provider_id, problem)
        return render(request, "socialaccount/provider_unavailable.html", status=502)
    return answer
