"""Who is told that a change waits for them."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from portal.accounts.models import Person
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of_person
from portal.approvals.models import ChangeDecision, ChangeRequest, Delegation
from portal.approvals.queries.inbox import visible
from portal.approvals.queries.seats import has_part, people_for


def told_of(change: ChangeRequest, now: datetime) -> list[Person]:
    """Whoever could take a seat, and who stands in for them at this moment and could decide in their name."""
    able = people_for(change)
    decided = ChangeDecision.objects.filter(request=change, hash=change.hash).values("person")
    standing_in = Delegation.objects.annotate(until=Coalesce("ended_at", F("end"))).filter(
        person__in=able, start__lte=now, until__gt=now
    )
    deputies = Person.objects.filter(pk__in=standing_in.values("deputy")).exclude(pk__in=decided)
    others = [one for one in deputies.order_by("pk") if not has_part(change, one) and may_see(one, change)]
    return list(dict.fromkeys([*able, *others]))


def may_see(person: Person, change: ChangeRequest) -> bool:
    """Whether they may know of it at all."""
    viewer = viewer_of_person(person)
    scope = viewer.scope(Permission.APPROVALS)
    return viewer.may(Permission.APPROVALS) and visible(scope, person).filter(pk=change.pk).exists()
