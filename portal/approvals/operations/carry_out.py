"""What was approved happens: by the product itself in one transaction, or by others, who are told."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ingest.fleet.declare import declare
from ingest.fleet.mistakes import BadFleet
from portal.approvals.domain.kinds import MONTHS, PUBLISHED, Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeDecision, ChangeRequest
from portal.approvals.operations.ask import asked_of
from portal.approvals.operations.corrections import carry_out_correction
from portal.approvals.operations.drift import refresh_drifted, rules_moved
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.fits import carry_out_fit
from portal.approvals.operations.fragment_of import fragment_of
from portal.approvals.operations.months import carry_out_month
from portal.approvals.operations.publish import publish
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.submit import plan_of
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.who import PRODUCT, Who
from portal.components.formats import counted


def go_on(pk: int, *, now: datetime) -> ChangeRequest:
    """Whatever is due: an approved change is scheduled (and published), a scheduled one of ours carried out.

    Facts are looked at first. When they have moved, the change is back among those to decide, and says why.
    """
    change = ChangeRequest.objects.get(pk=pk)
    if change.state in (State.APPROVED, State.SCHEDULED) and refresh_drifted(pk, now=now):
        return ChangeRequest.objects.get(pk=pk)
    with transaction.atomic():
        change = locked(pk)
        if change.state == State.APPROVED:
            _schedule(change, now)
        due = change.scheduled_for is not None and change.scheduled_for <= now
        if change.state == State.SCHEDULED and due and change.kind not in PUBLISHED:
            _try(change, PRODUCT, now)
    return change


def acknowledge(pk: int, *, done: bool, words: str, who: Who, now: datetime) -> ChangeRequest:
    """Others say that they carried out a published change, or could not; a second time changes nothing.

    Where a rule of residency or compatibility is met no more, the change is back among those to decide, which
    the caller sees by its state; the feed has said that it is void.
    """
    waiting = ChangeRequest.objects.filter(pk=pk, state=State.SCHEDULED, kind__in=PUBLISHED).first()
    if done and waiting and rules_moved(waiting, now) and refresh_drifted(pk, now=now):
        return ChangeRequest.objects.get(pk=pk)
    with transaction.atomic():
        change = locked(pk)
        if done and change.state in (State.CARRIED_OUT, State.VERIFIED):
            return change
        if change.kind not in PUBLISHED or change.state != State.SCHEDULED:
            raise CannotChange(f"change {pk} is {State(change.state).label}: there is nothing to acknowledge")
        if change.scheduled_for is None or now < change.scheduled_for:
            raise CannotChange(f"change {pk} waits until {change.scheduled_for}")
        if done:
            carry_out(change, who, now, words)
        else:
            step(change, State.FAILED, verb="could not be done", who=who, now=now, words=words)
            tell_of(change, "could not be carried out", now, [change.requester])
    return change


def carry_out(change: ChangeRequest, who: Who, now: datetime, words: str = "") -> None:
    """In the caller's transaction: what the plan declares stands, and the change is carried out."""
    plan = plan_of(asked_of(change))
    said = _do(change, plan, now)
    promised = now + timedelta(seconds=int(change.policy.get("promised", 86_400)))
    step(
        change,
        State.CARRIED_OUT,
        verb="carried out",
        who=who,
        now=now,
        words="; ".join(filter(None, (words, said))),
        carried_out_at=now,
        promised_at=promised,
    )
    if change.rolls_back_id is not None:
        other = locked(change.rolls_back_id)
        step(other, State.ROLLED_BACK, verb="rolled back", who=who, now=now, words=f"by change {change.pk}")
    tell_of(change, "was carried out", now, [change.requester])


def _schedule(change: ChangeRequest, now: datetime) -> None:
    waiting = timedelta(seconds=int(change.policy.get("waiting", 0)))
    due = max(now + waiting, change.wanted_at or now)
    step(
        change,
        State.SCHEDULED,
        verb="scheduled",
        who=PRODUCT,
        now=now,
        words=f"for {due:%-d %b %Y %H:%M} UTC",
        scheduled_for=due,
    )
    if change.kind in PUBLISHED:
        publish(change, "change.scheduled", now)


def _try(change: ChangeRequest, who: Who, now: datetime) -> None:
    """A change of ours that cannot be done has failed, and says why; nothing of it is left."""
    try:
        with transaction.atomic():
            carry_out(change, who, now)
    except (CannotChange, BadFleet) as refusal:
        change.refresh_from_db()
        step(change, State.FAILED, verb="failed", who=who, now=now, words=str(refusal))
        tell_of(change, "failed", now, [change.requester])


def _do(change: ChangeRequest, plan: Plan, now: datetime) -> str:
    fragment = fragment_of(plan.declare)
    said = ""
    if fragment is not None:
        done = declare(
            fragment=fragment,
            reference=f"change {change.pk}",
            now=now,
            since=max(now, change.wanted_at or now),
        )
        rules, hours = counted(len(done.changes), "rule"), counted(done.windows, "hour")
        said = f"{rules} written, {hours} to attribute again"
    if change.kind == Kind.TOKEN_COEFFICIENTS and plan.fit is not None:
        said = carry_out_fit(plan, names=_names(change), why=asked_of(change).why, now=now)
    if change.kind == Kind.ADJUSTMENT:
        said = carry_out_correction(plan, change.pk, now)
    if change.kind in MONTHS:
        said = carry_out_month(change, plan, _names(change), now)
    return said


def _names(change: ChangeRequest) -> str:
    """Who agreed, for tables that keep a name."""
    agreed: Any = ChangeDecision.objects.filter(request=change, hash=change.hash, agrees=True).order_by("pk")
    return ", ".join(decision.person.name for decision in agreed.select_related("person"))
