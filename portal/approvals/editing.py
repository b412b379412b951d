"""`/approvals/<id>/edit/`: another revision of a change that is still to be decided."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.seen import seeing
from portal.accounts.models import Person
from portal.accounts.permissions import Permission
from portal.approvals.asking import form_of
from portal.approvals.domain.kinds import MONTHS, Kind
from portal.approvals.domain.states import UNDECIDED, State
from portal.approvals.forms import FORMS, asked_from, given_of
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.step import content_of
from portal.approvals.operations.who import who_is
from portal.approvals.readers import admitted, change_for, own_names_only


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with what was asked for; sent, it voids what was approved."""
    scope, person = admitted(request, Permission.REQUEST_CHANGES)
    change, wrong = change_for(scope, person, pk), ""
    if request.method == "POST":
        try:
            # Whoever edits sees their own figures only; what they ask for concerns everybody's.
            with seeing(EVERYBODY, person=person.pk):
                _save(request, change, scope)
            return redirect("change", pk=pk)
        except CannotChange as refusal:
            wrong = str(refusal)
    kind = Kind(change.kind)
    given = given_of(kind, content_of(change)) if kind in FORMS and kind not in MONTHS else None
    context = form_of(kind, scope, request.POST or given, datetime.now(UTC)) | {
        "wrong": wrong,
        "editing": change,
        "back": reverse("change", args=[pk]),
        "why_not": _why_not(change, given is not None),
        "warning": _warning(change, person),
        "seen": request.POST.get("seen", change.hash),
    }
    return render(request, "approvals/new.html", context, status=422 if wrong else 200)


def _save(request: HttpRequest, change: ChangeRequest, scope: TenantScope) -> None:
    asked = asked_from(Kind(change.kind), request.POST, change.tenant_id)
    if scope.bound:
        own_names_only(asked.plan, scope)
    edit_change(
        change.pk,
        title=asked.title,
        why=asked.why,
        plan=asked.plan,
        who=who_is(request.user),
        now=datetime.now(UTC),
        seen=request.POST.get("seen", ""),
    )
    messages.success(request, f"Change {change.pk} has another revision; who can decide has been told.")


def _why_not(change: ChangeRequest, fits: bool) -> str:
    if change.state not in UNDECIDED:
        return f"It is {State(change.state).label}: there is nothing left to edit."
    if change.kind in MONTHS:
        return "Its month is in review: take the change back and ask again."
    return "" if fits else "Its plan says more than this form can: edit it over the API, where it was made."


def _warning(change: ChangeRequest, person: Person) -> str:
    voids = "Approvals that are there become void, and whoever can decide is told again. "
    voids = "" if change.state == State.DRAFT else voids
    if change.requester_id == person.pk:
        return voids
    return f"{voids}You would have a part in it, so you would not decide on it any more."
