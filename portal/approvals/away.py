"""Out of office: somebody decides in one's seat meanwhile."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from attribution.domain.hours import day_bounds
from portal.accounts.models import User
from portal.accounts.person_of import person_of
from portal.accounts.recent import recently_authenticated
from portal.approvals.models import Delegation
from portal.approvals.queries.deputies import delegations_of
from portal.approvals.readers import admitted
from portal.components.times import DAY, span
from portal.components.zone import reporting_zone
from portal.frame.guarded import guarded

_SPAN = "It ends after it begins, not in the past, and lasts three months at most."


@recently_authenticated
def away(request: HttpRequest) -> HttpResponse:
    """Who stands in for me, and a form to name somebody."""
    _, person = admitted(request)
    now, wrong = datetime.now(UTC), ""
    if request.method == "POST":
        wrong = _name_deputy(request, now)
        if not wrong:
            return redirect("away")
    zone = reporting_zone()
    listed = guarded("deputies", lambda: [(one, _days(one, zone)) for one in delegations_of(person, now)])
    context = {"listed": listed, "wrong": wrong, "given": request.POST}
    return render(request, "approvals/away.html", context, status=422 if wrong else 200)


def _days(one: Delegation, zone: ZoneInfo) -> str:
    """From its first day through its last."""
    return span(one.start.astimezone(zone).date(), (one.end.astimezone(zone) - DAY).date())


@require_POST
def end_away(request: HttpRequest, pk: int) -> HttpResponse:
    """I am back: nobody decides for me any more."""
    now = datetime.now(UTC)
    if Delegation.objects.filter(pk=pk, person=person_of(request), ended_at=None).update(ended_at=now):
        messages.success(request, "You decide for yourself again.")
    return redirect("away")


def _name_deputy(request: HttpRequest, now: datetime) -> str:
    """Save it; what is wrong with it, or ""."""
    person = person_of(request)
    deputy = User.objects.filter(username=request.POST.get("deputy", "").strip(), is_active=True).first()
    if deputy is None or deputy.person_id == person.pk:
        return "A deputy is somebody else who has an account here."
    try:
        first = date.fromisoformat(request.POST.get("from", ""))
        last = date.fromisoformat(request.POST.get("through", ""))
    except ValueError:
        return "From and through are days."
    zone = reporting_zone()
    try:
        start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    except OverflowError:  # the first or the last day that there is
        return _SPAN
    if end <= start or end <= now or end - start > timedelta(days=92):
        return _SPAN
    Delegation.objects.create(person=person, deputy=deputy.person, start=start, end=end, made_at=now)
    messages.success(request, f"{deputy.person.name} decides for you in that time.")
    return ""
