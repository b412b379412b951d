"""Exceptions of residency that people agreed to."""

import json

from django.db.models import F

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.plan import read_plan
from portal.approvals.domain.residency import Exempt
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest, ChangeRevision

_EXCEPTING = (State.APPROVED, State.SCHEDULED, State.CARRIED_OUT, State.VERIFIED)


def exceptions() -> list[Exempt]:
    """All that stand, whenever they hold; the newest first."""
    made = ChangeRequest.objects.filter(kind=Kind.RESIDENCY_EXCEPTION, state__in=_EXCEPTING, rolls_back=None)
    revisions = ChangeRevision.objects.filter(request__in=made, number=F("request__revision"))
    found = []
    for revision in revisions.order_by("-request_id"):
        plan = json.loads(revision.content)["plan"]
        of = read_plan(Kind.RESIDENCY_EXCEPTION, plan)[0].exception
        if of is not None:
            whose = (of.tenant or None, of.service or None)
            found.append(Exempt(revision.request_id, *whose, of.region, of.start, of.end))
    return found
