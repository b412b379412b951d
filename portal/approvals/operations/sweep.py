"""What time makes due; repeated every minute, and harmless."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from portal.approvals.domain.kinds import PUBLISHED, Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.drift import rules_moved
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.publish import take_back
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.verify import verify_change
from portal.approvals.operations.watch import watch
from portal.approvals.operations.who import PRODUCT
from portal.approvals.queries.told import told_of

logger = logging.getLogger(__name__)
_TOLD = ("submitted", "edited", "approvals void", "reminded")  # steps with which those who decide are told
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
    if _over(change, now):
        return expire(change.pk, now)
    turn = now.minute == change.pk % 60
    if change.state == State.SUBMITTED:
        return (watch(change, now) if turn else "") or _remind(change, now)
    due = change.scheduled_for is not None and change.scheduled_for <= now and change.kind not in PUBLISHED
    if change.state == State.SCHEDULED and not due and not turn and not rules_moved(change, now):
        # Whether facts have drifted takes seconds of work: once an hour, each change in a minute of its own.
        return "waiting"
    return go_on(change.pk, now=now).state


def expire(pk: int, now: datetime) -> str:
    """Nobody decided in time, or carried it out: whoever asked is told, and whoever would carry it out."""
    with transaction.atomic():
        change = locked(pk)
        before = change.state
        waits = before == State.SCHEDULED and _over(change, now)
        if waits or before in (State.SUBMITTED, State.APPROVED):
            words = "nobody has said that it was carried out" if waits else ""
            step(change, State.EXPIRED, verb="expired", who=PRODUCT, now=now, words=words)
            take_back(change, before, now)
            tell_of(change, "has expired", now, [change.requester])
    return "expired"


def _over(change: ChangeRequest, now: datetime) -> bool:
    """Whether its time is over. What is published has what was promised as well; an exception its own end."""
    if change.expires_at is None or change.state == State.CARRIED_OUT:
        return False
    if change.state != State.SCHEDULED:
        return now >= change.expires_at
    if (
        change.kind not in PUBLISHED
        or change.kind == Kind.RESIDENCY_EXCEPTION
        or change.scheduled_for is None
    ):
        return False
    promised = timedelta(seconds=int(change.policy.get("promised", 86_400)))
    return now >= change.expires_at and now - promised >= change.scheduled_for


def _remind(change: ChangeRequest, now: datetime) -> str:
    """Told again whoever could decide, every so often since it was submitted, edited or last reminded of."""
    every = timedelta(seconds=int(change.policy.get("remind", 0)))
    last = change.history.filter(verb__in=_TOLD).latest("number")
    if not every or now - last.at < every:
        return "waiting"
    with transaction.atomic():
        change = locked(change.pk)
        people = told_of(change, now)
        if change.state != State.SUBMITTED or not people:
            return "waiting"
        names = ", ".join(person.name for person in people)
        step(change, State.SUBMITTED, verb="reminded", who=PRODUCT, now=now, words=names)
        tell_of(change, "still waits for your decision", now, people)
    return "reminded"
