"""Which fits of token weights somebody asks for."""

import json

from django.db.models import F, QuerySet

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import UNDECIDED
from portal.approvals.models import ChangeRequest, ChangeRevision


def asked_fits(known: QuerySet[ChangeRequest]) -> dict[int, int]:
    """By fit the newest change among the ones `known` that asks for it and is still to be decided."""
    revisions = ChangeRevision.objects.filter(
        request__in=known.filter(kind=Kind.TOKEN_COEFFICIENTS, state__in=UNDECIDED),
        number=F("request__revision"),
    )
    plans = revisions.order_by("request_id").values_list("request_id", "content")
    asked = ((json.loads(content)["plan"].get("fit"), change) for change, content in plans)
    return {fit: change for fit, change in asked if fit}
