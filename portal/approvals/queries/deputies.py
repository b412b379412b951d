"""Who stands in for whom."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from portal.accounts.models import Person
from portal.approvals.models import Delegation


def stands_in_for(person: Person, now: datetime) -> list[Person]:
    """People for whom somebody decides at this moment."""
    found = Delegation.objects.annotate(until=Coalesce("ended_at", F("end"))).filter(
        deputy=person, start__lte=now, until__gt=now
    )
    return [one.person for one in found.select_related("person").order_by("pk")]


def delegations_of(person: Person, now: datetime) -> list[Delegation]:
    """Who stands in for them, now or later."""
    found = Delegation.objects.filter(person=person, ended_at=None, end__gt=now).select_related("deputy")
    return list(found.order_by("start", "pk"))
