"""`/tokens/`: tokens of programs; made and shown once, listed, revoked."""

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.members import tenant_names
from portal.accounts.models import Person, ServiceToken
from portal.accounts.needs import needs
from portal.accounts.permissions import OF_TENANTS, READ, SCOPES, Permission
from portal.accounts.person_of import person_of
from portal.accounts.reader import reader_of
from portal.accounts.recent import recently_authenticated
from portal.accounts.tokens import TokenError, create_token
from portal.accounts.viewer import Viewer

DAYS = {"30": "30 days", "90": "90 days", "365": "a year"}
WORDS = {
    READ: "Reads all of the API",
    "costs": "Reads costs",
    "unit-costs": "Reads unit costs",
    "utilization": "Reads utilization",
    "reconciliation": "Reads reconciliations",
    "preview": "Computes previews",
    "audit": "Reads the audit trail",
    "changes": "Carries out changes",
    "request-changes": "Asks for changes",
    "approve-changes": "Decides on changes",
}


@needs(Permission.TOKENS)
def tokens(request: HttpRequest) -> HttpResponse:
    """The list, and the form for who may make one."""
    viewer, me = reader_of(request), person_of(request)
    now = datetime.now(UTC)
    scope = viewer.scope(Permission.MAKE_TOKENS)
    may_revoke = set(_revocable(viewer, me).values_list("pk", flat=True))
    rows = [
        {
            "token": token,
            "does": ", ".join(WORDS[scope] for scope in token.scopes),
            "state": _state(token, now),
            "revocable": token.pk in may_revoke and token.usable(now),
        }
        for token in _seen(viewer, me).select_related("owner", "tenant").order_by("-created_at")
    ]
    context = {
        "rows": rows,
        "revokes": any(row["revocable"] for row in rows),
        "makes": viewer.may(Permission.MAKE_TOKENS),
        "bound": scope.bound,
        "tenants": tenant_names(scope) if viewer.may(Permission.MAKE_TOKENS) else [],
        "scopes": [
            (one, WORDS[one])
            for one in SCOPES
            if one == READ or viewer.may(Permission(one))
            if not scope.bound or one == READ or Permission(one) in OF_TENANTS
        ],
        "days": DAYS.items(),
    }
    return render(request, "accounts/tokens.html", context)


def _seen(viewer: Viewer, me: Person) -> QuerySet[ServiceToken]:
    """All for who sees all members; else one's own and those of one's own tenants."""
    if viewer.may(Permission.MEMBERS) and not viewer.scope(Permission.MEMBERS).bound:
        return ServiceToken.objects.all()
    tenants = viewer.scope(Permission.TOKENS).tenant_ids() or frozenset()
    return ServiceToken.objects.filter(Q(owner=me) | Q(tenant_id__in=tenants))


def _revocable(viewer: Viewer, me: Person) -> QuerySet[ServiceToken]:
    """Usable ones: any for administrators; else one's own and those of tenants whose tokens one makes."""
    usable = ServiceToken.objects.filter(revoked_at=None)
    if viewer.may(Permission.MANAGE_MEMBERS):
        return usable
    tenants = viewer.scope(Permission.MAKE_TOKENS).tenant_ids() or frozenset()
    return usable.filter(Q(owner=me) | Q(tenant_id__in=tenants))


def _state(token: ServiceToken, now: datetime) -> str:
    if token.revoked_at:
        return "revoked"
    return "usable" if token.usable(now) else "expired"


@require_POST
@needs(Permission.MAKE_TOKENS)
@recently_authenticated
@never_cache
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    days = request.POST.get("days", "")
    if days not in DAYS:
        messages.error(request, f"A token expires after {', '.join(DAYS)} days; nothing was made.")
        return redirect("tokens")
    try:
        text = create_token(
            owner=person_of(request),
            name=request.POST.get("name", ""),
            scopes=request.POST.getlist("scope"),
            tenant=request.POST.get("tenant") or None,
            expires_in=timedelta(days=int(days)),
            now=datetime.now(UTC),
        )
    except TokenError as refusal:
        messages.error(request, f"Nothing was made: {refusal}.")
        return redirect("tokens")
    return render(request, "accounts/token.html", {"text": text, "name": request.POST.get("name", "")})


@require_POST
@needs(Permission.TOKENS)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a token, at once; one of somebody else is as unknown as one that never was."""
    token = _revocable(reader_of(request), person_of(request)).filter(pk=pk).first()
    if token is None:
        messages.error(request, "There is no such token in use.")
    else:
        token.revoked_at = datetime.now(UTC)
        token.save(update_fields=["revoked_at"])
        messages.success(request, f"“{token.name}” reads nothing any more.")
    return redirect("tokens")
