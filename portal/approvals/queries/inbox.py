"""Lists of changes: what needs me, what is mine, all, what is done."""

from django.db.models import Q, QuerySet

from attribution.queries.scope import TenantScope
from portal.accounts.models import Person
from portal.approvals.domain.states import DONE, State
from portal.approvals.models import ChangeDecision, ChangeRequest
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
    tab: str, known: QuerySet[ChangeRequest], person: Person, before: int = 0
) -> list[ChangeRequest]:
    """A tab's changes among the ones `known`, the newest first; at most PAGE + 1, below the id `before`."""
    found = known.select_related("requester", "tenant").order_by("-pk")
    if before:
        found = found.filter(pk__lt=before)
    if tab == "needs-me":
        return [change for change in found.filter(state=State.SUBMITTED)[:500] if needs(change, person)][
            : PAGE + 1
        ]
    if tab == "mine":
        found = found.filter(requester=person)
    elif tab == "done":
        found = found.filter(state__in=DONE)
    return list(found[: PAGE + 1])


def needs(change: ChangeRequest, person: Person) -> bool:
    """Whether this person's decision is still missing."""
    if change.state != State.SUBMITTED or has_part(change, person):
        return False
    decided = ChangeDecision.objects.filter(request=change, hash=change.hash, person=person).exists()
    return not decided and bool(seats_for(change, person))
