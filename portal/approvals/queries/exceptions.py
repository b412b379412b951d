"""Exceptions of residency that people agreed to."""

import json

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.plan import read_plan
from portal.approvals.domain.residency import Exempt
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest, ChangeRevision

_EXCEPTING = (State.APPROVED, State.SCHEDULED, State.CARRIED_OUT, State.VERIFIED)


def exceptions() -> list[Exempt]:
    """All that stand, whenever they hold; the newest first."""
    made = ChangeRequest.objects.filter(kind=Kind.RESIDENCY_EXCEPTION, state__in=_EXCEPTING, rolls_back=None)
    current = dict(made.values_list("pk", "revision"))
    found = []
    for revision in ChangeRevision.objects.filter(request_id__in=current).order_by("-request_id"):
        if revision.number != current[revision.request_id]:
            continue
        plan = json.loads(revision.content)["plan"]
        of = read_plan(Kind.RESIDENCY_EXCEPTION, plan)[0].exception
        if of is not None:
            whose = (of.tenant or None, of.service or None)
            found.append(Exempt(revision.request_id, *whose, of.region, of.start, of.end))
    return found
