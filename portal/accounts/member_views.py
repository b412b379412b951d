"""`/members/`: who has which role, where, by whom and since when; and what administrators change."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.members import accounts_by_person, accounts_without_role, memberships_in, tenant_names
from portal.accounts.models import Role, User
from portal.accounts.needs import needs
from portal.accounts.one_time_link import one_time_link
from portal.accounts.permissions import Permission
from portal.accounts.person_of import person_of
from portal.accounts.reader import reader_of
from portal.accounts.recent import recently_authenticated
from portal.accounts.roles import InvitationError, RoleError, close_account, give_role, invite, take_role


@needs(Permission.MEMBERS)
def members(request: HttpRequest) -> HttpResponse:
    """The list, and the forms for who may change it."""
    return _page(request)


def _page(request: HttpRequest, wrong: Mapping[str, str] | None = None) -> HttpResponse:
    """`wrong` are the words for fields of an invitation, which keeps what was typed."""
    viewer = reader_of(request)
    scope = viewer.scope(Permission.MEMBERS)
    manages = viewer.may(Permission.MANAGE_MEMBERS)
    accounts = accounts_by_person() if manages else []
    context = {
        "memberships": memberships_in(scope),
        "bound": scope.bound,
        "manages": manages,
        "me": person_of(request).pk,
        "lonely": accounts_without_role() if not scope.bound else [],
        "accounts": accounts,
        "doubtful": any(one.alike for one in accounts),
        "roles": Role.choices,
        "tenants": tenant_names(scope) if manages else [],
    }
    if wrong:
        context |= {"wrong": wrong, "invited": request.POST}
    return render(request, "accounts/members.html", context, status=422 if wrong else 200)


@require_POST
@needs(Permission.MANAGE_MEMBERS)
@recently_authenticated
def give(request: HttpRequest) -> HttpResponse:
    """Give a role."""
    try:
        given = give_role(
            by=person_of(request),
            username=request.POST.get("account", ""),
            role=request.POST.get("role", ""),
            tenant=request.POST.get("tenant", ""),
            now=datetime.now(UTC),
        )
    except RoleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{given.user.get_username()} now is {given.get_role_display()}.")
    return redirect("members")


@require_POST
@needs(Permission.MANAGE_MEMBERS)
@recently_authenticated
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role."""
    try:
        taken = take_role(by=person_of(request), membership_id=pk)
    except RoleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{taken.user.get_username()} no longer is {taken.get_role_display()}.")
    return redirect("members")


@require_POST
@needs(Permission.MANAGE_MEMBERS)
@recently_authenticated
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account, or open it with `open`."""
    closed = "open" not in request.POST
    try:
        user = close_account(by=person_of(request), user_id=pk, closed=closed, now=datetime.now(UTC))
    except RoleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"The account {user.get_username()} is {'closed' if closed else 'open again'}."
        )
    return redirect("members")


@require_POST
@needs(Permission.MANAGE_MEMBERS)
@recently_authenticated
@never_cache
def invite_somebody(request: HttpRequest) -> HttpResponse:
    """Make an account and show its one-time link, once."""
    try:
        user = invite(
            username=request.POST.get("name", ""),
            full_name=request.POST.get("full_name", ""),
            email=request.POST.get("email", ""),
        )
    except InvitationError as refusal:
        return _page(request, refusal.fields)
    return _link(request, user)


@require_POST
@needs(Permission.MANAGE_MEMBERS)
@recently_authenticated
@never_cache
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Another one-time link, for who has lost their password."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    if user.person_id == person_of(request).pk:
        messages.error(request, "Change your own password on your account page.")
        return redirect("members")
    return _link(request, user)


def _link(request: HttpRequest, user: User) -> HttpResponse:
    link = one_time_link(user, request.build_absolute_uri("/").rstrip("/"))
    return render(request, "accounts/link.html", {"link": link, "account": user})
