"""`/approvals/`: inbox, detail, history, new changes. All changes are plain POST and redirect."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attribution.queries.names import visible_names
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.seen import seeing
from portal.accounts.models import Person
from portal.accounts.needs import roles_with
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.accounts.recent import recently_authenticated
from portal.approvals.askable import kinds_askable, kinds_with_form, requesters
from portal.approvals.asking import form_of
from portal.approvals.detail import detail_of
from portal.approvals.domain.kinds import MONTHS, Kind
from portal.approvals.domain.policy import asked_by
from portal.approvals.forms import asked_from
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import draft_change, withdraw_change
from portal.approvals.operations.comments import comment_on
from portal.approvals.operations.conclude import conclude, moved_words
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.rollback import ask_to_roll_back
from portal.approvals.operations.step import content_of
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import who_is
from portal.approvals.queries.inbox import PAGE, TABS, changes_in, visible
from portal.approvals.readers import admitted, change_for, own_names_only
from portal.approvals.seats_shown import decided_words
from portal.approvals.tables import inbox_table
from portal.approvals.wanted import NAMES, address_of, bar_of, narrowed
from portal.components.formats import sentence
from portal.components.zone import reporting_zone
from portal.frame.guarded import guarded


def inbox(request: HttpRequest, tab: str = "needs-me") -> HttpResponse:
    """What needs me, what is mine, all, what is done; by key, fifty at a time."""
    scope, person = admitted(request)
    if tab not in TABS:
        raise Http404
    after = request.GET.get("before", "")
    before = int(after) if after.isdecimal() and after.isascii() and len(after) < 18 else 0
    given, known = request.GET.dict(), visible(scope, person)
    now = datetime.now(UTC)
    listed = guarded("changes", lambda: changes_in(tab, narrowed(known, given), person, now, before))
    shown = (listed.value or [])[:PAGE]
    older = address_of(given, before=shown[-1].pk) if len(listed.value or []) > PAGE else ""
    may_ask = reader_of(request).may(Permission.REQUEST_CHANGES)
    context = {
        "listed": listed,
        "bar": guarded("filters of changes", lambda: bar_of(given, known, states=tab != "needs-me")).value,
        "narrowed": any(given.get(name) for name in NAMES),
        "tab": tab,
        "tabs": [(key, label, key == tab) for key, label in TABS.items()],
        "kept": address_of(given) if any(given.get(name) for name in NAMES) else "",
        "table": inbox_table(TABS[tab], shown, reporting_zone()) if shown else None,
        "next": older,
        "previous": address_of(given) if before else "",
        "may_ask": may_ask,
        "who_asks": roles_with(Permission.REQUEST_CHANGES),
        "kinds": [(kind.value, kind.label) for kind in kinds_askable(scope, person)] if may_ask else [],
    }
    return render(request, "approvals/inbox.html", context)


def change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One change in decision order. One that the reader may not know of is as absent as none."""
    scope, person = admitted(request)
    change = change_for(scope, person, pk)
    shown = detail_of(change, person, scope, datetime.now(UTC))
    return render(request, "approvals/change.html", {"shown": shown, "change": change})


def new_change(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The form for a kind; sent, it becomes a draft that is submitted at once. Months ask again who it is."""
    return (
        recently_authenticated(_new_change)(request, kind) if kind in MONTHS else _new_change(request, kind)
    )


_SUBMITTED = "Change {} was submitted; who can decide has been told."
_PAGE = "approvals/new.html"
_PAGES = dict.fromkeys(MONTHS, "approvals/new_month.html")
_PAGES[Kind.ADJUSTMENT] = "approvals/new_adjustment.html"


def _new_change(request: HttpRequest, kind: str) -> HttpResponse:
    scope, person = admitted(request, Permission.REQUEST_CHANGES)
    if kind not in kinds_with_form(scope):
        raise Http404
    chosen, wrong = Kind(kind), ""
    if chosen not in kinds_askable(scope, person):
        raise PermissionDenied(sentence(f"{asked_by(chosen, sorted(requesters(chosen)))}."))
    page = _PAGES.get(chosen, _PAGE)
    if request.method == "POST":
        try:
            # Whoever asks sees their own figures only; what they ask for concerns everybody's.
            with seeing(EVERYBODY, person=person.pk):
                made = _ask(request, chosen, scope)
            return redirect("change", pk=made.pk)
        except CannotChange as refusal:
            wrong = str(refusal)
    given = request.POST or request.GET
    # Months are asked for and adjusted from the page of periods.
    back = reverse("approvals" if page == _PAGE else "periods")
    context = form_of(chosen, scope, given, datetime.now(UTC)) | {"wrong": wrong, "back": back}
    return render(request, page, context, status=422 if wrong else 200)


def _ask(request: HttpRequest, kind: Kind, scope: TenantScope) -> ChangeRequest:
    tenant = _tenant(request.POST.get("tenant", ""), scope)
    asked = asked_from(kind, request.POST, tenant)
    if scope.bound:
        own_names_only(asked.plan, scope)
    who, now = who_is(request.user), datetime.now(UTC)
    change = draft_change(asked, who=who, now=now)
    try:
        submit_change(change.pk, who=who, now=now)
    except CannotChange:
        # Nothing that cannot be submitted is left lying about by a form.
        withdraw_change(change.pk, who=who, words="it could not be submitted", now=now)
        raise
    messages.success(request, _SUBMITTED.format(change.pk))
    return change


def _tenant(name: str, scope: TenantScope) -> int | None:
    """The tenant that it is asked for; somebody bound to one always asks for one of theirs."""
    known = {text: pk for pk, text in visible_names("tenant", scope).items()}
    if not name and not scope.bound:
        return None
    if not name and len(scope.roots or ()) == 1:
        return next(iter(scope.roots or ()))
    if name not in known:
        raise CannotChange("tenant: choose the one that it is for")
    return known[name]


@require_POST
@recently_authenticated
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask with one's own draft: what a form left when its submission was interrupted."""

    def deed(change: ChangeRequest, scope: TenantScope, _: Person) -> str:
        if scope.bound:
            own_names_only(content_of(change)["plan"], scope)
        submit_change(change.pk, who=who_is(request.user), now=datetime.now(UTC))
        return _SUBMITTED.format(pk)

    return _done(request, pk, deed)


@require_POST
@recently_authenticated
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject what was on the page: the form carries its hash."""

    def deed(change: ChangeRequest, *_: object) -> str:
        done = conclude(
            change.pk,
            agrees=request.POST.get("decision") == "approve",
            seen=request.POST.get("seen", ""),
            who=who_is(request.user),
            now=datetime.now(UTC),
            words=request.POST.get("words", ""),
            for_person=_principal(request.POST.get("for", "")),
        )
        if done.moved:
            messages.warning(request, sentence(moved_words(done.moved)))
            return ""
        return decided_words(done.change)

    return _done(request, pk, deed)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own change back."""

    def deed(change: ChangeRequest, *_: object) -> str:
        words = request.POST.get("words", "")
        withdraw_change(change.pk, who=who_is(request.user), words=words, now=datetime.now(UTC))
        return f"Change {pk} was taken back."

    return _done(request, pk, deed)


@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something about a change."""

    def deed(change: ChangeRequest, _: TenantScope, person: Person) -> str:
        comment_on(change, person, request.POST.get("text", ""), datetime.now(UTC))
        return "Your comment was added."

    return _done(request, pk, deed)


@require_POST
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the way back: another change, that somebody has to agree to."""
    scope, person = admitted(request, Permission.REQUEST_CHANGES)
    change = change_for(scope, person, pk)
    try:
        with seeing(EVERYBODY, person=person.pk):
            made = ask_to_roll_back(change.pk, who=who_is(request.user), now=datetime.now(UTC))
    except CannotChange as refusal:
        messages.error(request, sentence(str(refusal)))
        return redirect("change", pk=pk)
    messages.success(request, f"Change {made.pk} would roll change {pk} back; it needs to be approved.")
    return redirect("change", pk=made.pk)


def _done(
    request: HttpRequest, pk: int, deed: Callable[[ChangeRequest, TenantScope, Person], str]
) -> HttpResponse:
    """What somebody does to a change that they may know of, and what they are told."""
    scope, person = admitted(request)
    change = change_for(scope, person, pk)
    try:
        with seeing(EVERYBODY, person=person.pk):
            if said := deed(change, scope, person):
                messages.success(request, said)
    except (CannotChange, NotYours) as refusal:
        messages.error(request, sentence(str(refusal)))
    return redirect("change", pk=pk)


def _principal(text: str) -> Person | None:
    """For whom somebody decides, None for themselves; whether they may is the database's to say."""
    return Person.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None
