"""`/first-run/`: the page that makes the first administrator, and is not there afterwards."""

from datetime import UTC, datetime

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts.first_run import Closed, digest_of, link_of, make_first_administrator
from portal.accounts.first_run_form import FirstRunForm

_KEPT = "first_run"  # the hash of the token, in the session: it does not stay in the address bar


@login_not_required
@never_cache
def first_run_link(request: HttpRequest, token: str) -> HttpResponse:
    """The address that was printed. Looking at it uses nothing up."""
    digest = digest_of(token)
    if link_of(digest) is None:
        raise Http404
    request.session[_KEPT] = digest
    return redirect("first-run")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def first_run(request: HttpRequest) -> HttpResponse:
    """The form for who came by the address; a 404 for everybody else, and for everybody afterwards."""
    digest, now = request.session.get(_KEPT, ""), datetime.now(UTC)
    link = link_of(digest) if digest else None
    if link is None:
        raise Http404
    if link.expired(now):
        return render(request, "accounts/first_run_expired.html", status=410)
    form = FirstRunForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/first_run.html", {"form": form})
    try:
        user = make_first_administrator(form.account, digest=digest, now=now)
    except Closed:
        raise Http404 from None
    answer: HttpResponse = perform_login(request, user, redirect_url=reverse("members"))
    return answer
