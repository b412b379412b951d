"""`/account/`: one's own roles, password, second factor and sessions."""

from typing import cast

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.accounts.models import User
from portal.accounts.oidc.confirm import providers_of
from portal.accounts.user_agent import browser_words
from portal.components.formats import counted


def own_account(request: HttpRequest) -> HttpResponse:
    """What somebody may see and change of their own account."""
    user = cast(User, request.user)
    factors = Authenticator.objects.filter(user=user).order_by("created_at")
    sessions = UserSession.objects.purge_and_list(user)
    context = {
        "memberships": user.memberships.select_related("tenant").order_by("role"),
        "app": any(one.type == Authenticator.Type.TOTP for one in factors),
        "keys": [one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "has_password": user.has_usable_password(),
        "also": User.objects.filter(person=user.person_id).exclude(pk=user.pk).order_by("username"),
        "sessions": [
            {
                "session": one,
                "current": one.session_key == request.session.session_key,
                "words": browser_words(one.user_agent),
            }
            for one in sorted(sessions, key=lambda one: one.created_at, reverse=True)
        ],
    }
    return render(request, "account/account.html", context)


def change_password(request: HttpRequest) -> HttpResponse:
    """A new password. Who has none signs in elsewhere: one of ours would outlive their account there."""
    user = cast(User, request.user)
    if not user.has_usable_password():
        return render(request, "account/no_password.html", {"mine": providers_of(user)})
    answer: HttpResponse = account.password_change(request)
    return answer


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions; somebody else's is as unknown as one that never was."""
    session = UserSession.objects.filter(user=request.user.pk, pk=pk).first()
    if session is None:
        messages.error(request, "There is no such session.")
    elif session.session_key == request.session.session_key:
        get_adapter().logout(request)
        return redirect("account_login")
    else:
        session.end()
        messages.success(request, "That session has ended.")
    return redirect("mfa_index")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all sessions but this one."""
    others = UserSession.objects.filter(user=request.user.pk).exclude(session_key=request.session.session_key)
    ended = 0
    for session in others:
        session.end()
        ended += 1
    messages.success(request, f"{counted(ended, 'other session')} ended.")
    return redirect("mfa_index")
