"""Lists of changes: what needs me, what is mine, all, what is done."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.seen import seeing
from portal.accounts.models import Person
from portal.approvals.domain.states import DONE, State
from portal.approvals.models import ChangeDecision, ChangeRequest
from portal.approvals.queries.deputies import stands_in_for
from portal.approvals.queries.seats import has_part, seats_for

TABS = {"needs-me": "Needs me", "mine": "Mine", "all": "All", "done": "Done"}
PAGE = 50


def visible(scope: TenantScope, person: Person | None) -> QuerySet[ChangeRequest]:
    """What a reader may know of: all, or those of their tenants; one's own always, others' drafts never."""
    own = Q(requester=person) if person is not None else Q(pk=None)
    tenants = scope.tenant_ids()
    seen = Q() if tenants is None else Q(tenant_id__in=tenants)
    return ChangeRequest.objects.filter(own | (seen & ~Q(state=State.DRAFT)))


def changes_in(
    tab: str, known: QuerySet[ChangeRequest], person: Person, now: datetime, before: int = 0
) -> list[ChangeRequest]:
    """A tab's changes among the ones `known`, the newest first; at most PAGE + 1, below the id `before`.

    Whoever stands in for somebody is needed where that somebody would be.
    """
    found = known.select_related("requester", "tenant").order_by("-pk")
    if before:
        found = found.filter(pk__lt=before)
    if tab == "needs-me":
        away, waiting = stands_in_for(person, now), found.filter(state=State.SUBMITTED)[:500]
        return [change for change in waiting if needs(change, person, away)][: PAGE + 1]
    if tab == "mine":
        found = found.filter(requester=person)
    elif tab == "done":
        found = found.filter(state__in=DONE)
    return list(found[: PAGE + 1])


def needs(change: ChangeRequest, person: Person, away: Sequence[Person] = ()) -> bool:
    """Whether their decision is still missing, or one of theirs in the name of somebody who is `away`."""
    if change.state != State.SUBMITTED or has_part(change, person):
        return False
    if ChangeDecision.objects.filter(request=change, hash=change.hash, person=person).exists():
        return False
    return bool(seats_for(change, person)) or any(_missing(change, one) for one in away)


def _missing(change: ChangeRequest, principal: Person) -> bool:
    """Whether a deputy may still decide in this name."""
    made = ChangeDecision.objects.filter(request=change, hash=change.hash)
    taken = made.filter(Q(for_person=principal) | Q(for_person=None, person=principal)).exists()
    with seeing(EVERYBODY):  # a deputy who is bound to a tenant does not see whose roles they stand in for
        return not taken and not has_part(change, principal) and bool(seats_for(change, principal))
