"""Where somebody was when they were asked to confirm that it is them: "Cancel" leads there."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

KEPT = "came_from"
ELSEWHERE = "/"


def came_from(request: HttpRequest) -> str:
    """A page of ours: what browsers say of the first request, kept while a confirmation is tried again.

    The address that asked is no such page, since many take a POST alone. A page of the account that asks at
    each look would ask again, so from there it leads to the account.
    """
    asked = request.GET.get(REDIRECT_FIELD_NAME) or request.POST.get(REDIRECT_FIELD_NAME, "")
    page = _own_page(request)
    if page:
        request.session[KEPT] = [asked, page]
    else:
        of, page = request.session.get(KEPT, ["", ELSEWHERE])
        page = page if of == asked else ELSEWHERE
    account = reverse("mfa_index")
    return account if page == asked and page.startswith(account) else page


def _own_page(request: HttpRequest) -> str:
    """The referring page as an address on this host; "" for another host's, and for those that confirm."""
    said = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(said, {request.get_host()}):
        return ""
    parts = urlsplit(said)
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    confirms = parts.path.startswith(reverse("account_reauthenticate"))
    # Of "https://ours//theirs" the path alone would be another host.
    return page if url_has_allowed_host_and_scheme(page, None) and not confirms else ""


class LeadsBack:
    """A view whose page has `came_from`."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page's own, and the way back."""
        own: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # of the view beside it
        return own | {"came_from": came_from(self.request)}


class ConfirmByPassword(LeadsBack, ReauthenticateView):
    """allauth's."""


class ConfirmByCode(LeadsBack, CodeView):
    """allauth's."""


by_password = ConfirmByPassword.as_view()
by_code = ConfirmByCode.as_view()
