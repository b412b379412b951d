"""What time makes due; repeated every minute, and harmless."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from portal.approvals.domain.states import State
from portal.approvals.models import ChangeMessage, ChangeRequest
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.verify import verify_change
from portal.approvals.operations.who import PRODUCT

logger = logging.getLogger(__name__)
_OPEN = (State.SUBMITTED, State.APPROVED, State.SCHEDULED)


def sweep(*, now: datetime) -> dict[str, int]:
    """Expire, carry on, verify, remind. One change's trouble is logged and keeps no other waiting."""
    counts: Counter[str] = Counter()
    for change in ChangeRequest.objects.filter(state__in=[*_OPEN, State.CARRIED_OUT]).order_by("pk"):
        try:
            counts[_one(change, now)] += 1
        except CannotChange as refusal:
            logger.info("%s", refusal)
            counts["refused"] += 1
        except Exception:
            logger.exception("change %s could not be carried on", change.pk)
            counts["broken"] += 1
    return dict(counts)


def _one(change: ChangeRequest, now: datetime) -> str:
    if change.state == State.CARRIED_OUT:
        return "verified" if verify_change(change.pk, now=now).ok else "watched"
    if change.expires_at is not None and now >= change.expires_at and change.state != State.SCHEDULED:
        return _expire(change.pk, now)
    if change.state == State.SUBMITTED:
        return _remind(change, now)
    return go_on(change.pk, now=now).state


def _expire(pk: int, now: datetime) -> str:
    with transaction.atomic():
        change = locked(pk)
        if change.state in (State.SUBMITTED, State.APPROVED):
            step(change, State.EXPIRED, verb="expired", who=PRODUCT, now=now)
            tell_of(change, "has expired", now, [change.requester])
    return "expired"


def _remind(change: ChangeRequest, now: datetime) -> str:
    every = timedelta(seconds=int(change.policy.get("remind", 0)))
    last = ChangeMessage.objects.filter(request=change).order_by("-made_at").first()
    if not every or (last is not None and now - last.made_at < every) or change.submitted_at is None:
        return "waiting"
    if now - change.submitted_at < every:
        return "waiting"
    with transaction.atomic():
        tell_of(change, "still waits for your decision", now)
    return "reminded"
