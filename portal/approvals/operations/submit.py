"""A draft is submitted: evidence is frozen with it, and its policy says who has to agree."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from attribution.queries.choices import tenant_names
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.plan import Plan, read_plan
from portal.approvals.domain.policy import Policy, Size, asked_by, policy_for
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, asked_of
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.evidence import evidence_of
from portal.approvals.operations.fragment_of import fragment_of
from portal.approvals.operations.months import ask_for_month
from portal.approvals.operations.plan_rules import refuse_over, refuse_unmet
from portal.approvals.operations.publish import take_back
from portal.approvals.operations.revise import revise
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.who import Who
from portal.approvals.policy_file import policies_of
from portal.approvals.queries.seats import roles_of


def submit_change(pk: int, *, who: Who, now: datetime) -> ChangeRequest:
    """Compute the evidence, choose the policy, and ask. Raises CannotChange, NotYours.

    Evidence takes seconds and is computed before anything is locked; if the plan is edited meanwhile, nothing
    is submitted.
    """
    change = ChangeRequest.objects.filter(pk=pk).first()
    if change is None:
        raise CannotChange(f"there is no change {pk}")
    if who.person is None or change.requester_id != who.person.pk:
        raise NotYours(f"change {pk}: only whoever drafted it submits it")
    asked = asked_of(change)
    plan = plan_of(asked)
    evidence, policy = evidence_and_policy(asked, plan, now)
    may_ask(change, who, policy)
    refuse_over(plan, max(asked.wanted_at or now, now))
    refuse_unmet(evidence["checks"])
    with transaction.atomic():
        seen, change = change.hash, locked(pk)
        if change.hash != seen:
            raise CannotChange(f"change {pk} was edited meanwhile: look again")
        if change.state not in (State.DRAFT, State.SUBMITTED):
            raise CannotChange(f"change {pk} is {State(change.state).label}: it cannot be submitted")
        revise(
            change,
            asked.content(evidence),
            to=State.SUBMITTED,
            verb="submitted",
            who=who,
            now=now,
            words=f"policy: {policy.name}",
            submitted_at=now,
            **frozen(policy, now),
        )
        _supersede(change, who, now)
        ask_for_month(change, plan, who.person.name, asked.why, now)
        tell_of(change, "asks for your decision", now)
    return change


def may_ask(change: ChangeRequest, who: Who, policy: Policy) -> None:
    """Raises NotYours for whoever has none of the roles that ask for such a change."""
    if who.person is None or not roles_of(who.person, change.tenant_id) & set(policy.requesters):
        raise NotYours(asked_by(Kind(change.kind), policy.requesters))


def plan_of(asked: Asked) -> Plan:
    """The plan, judged. Raises CannotChange with everything that is wrong with it."""
    plan, wrong = read_plan(asked.kind, asked.plan)
    if wrong:
        raise CannotChange("\n".join(wrong))
    return plan


def evidence_and_policy(asked: Asked, plan: Plan, now: datetime) -> tuple[dict[str, Any], Policy]:
    """Evidence as of now, and the policy that its size falls under, whose words are part of it."""
    tenant = tenant_names([asked.tenant_id]).get(asked.tenant_id, "") if asked.tenant_id else ""
    since = max(asked.wanted_at or now, now)
    evidence = evidence_of(asked.kind, plan, tenant=tenant, now=now, since=since)
    size = Size(_nano(evidence), _devices(plan, evidence["before"]))
    policies = policies_of(settings.ENV.approval_policy)
    policy = policy_for(policies, asked.kind, size, tenant, plan.pools)
    evidence["policy"] = {"name": policy.name, "said": list(policy.said)}
    evidence["size"] = {"nano": size.nano, "devices": size.devices}
    return evidence, policy


def frozen(policy: Policy, now: datetime) -> dict[str, Any]:
    """What of a policy holds for a change from now on, whatever the file says later."""
    seconds = {key: int(getattr(policy, key).total_seconds()) for key in ("waiting", "promised", "remind")}
    return {
        "seats": list(policy.seats),
        "tokens_decide": policy.tokens_decide,
        "policy": {"name": policy.name, "drift": policy.drift, **seconds},
        "expires_at": now + policy.expires,
    }


def _nano(evidence: dict[str, Any]) -> int | None:
    """What decides the policy: money that moves or is spent, the larger; None where nobody knows."""
    impact = evidence["impact"]
    known = [abs(one) for one in (impact["low"], impact["high"], impact["moved"]) if one is not None]
    return max(known) if impact["known"] and known else None


def _devices(plan: Plan, before: dict[str, Any]) -> int:
    """Those that come or go, are declared, or stand there now: taking a hundred away is no small change."""
    fragment = fragment_of(plan.declare)
    rows = [] if fragment is None else [row for many in fragment.proposed.rows.values() for row in many]
    declared = sum(getattr(row, "devices", 0) for row in rows)
    stands = sum(int(row.get("devices", 0)) for row in before.get("reserve", []))
    return max(abs(plan.devices), declared, stands)


def _supersede(change: ChangeRequest, who: Who, now: datetime) -> None:
    """What it takes the place of is not decided any more, if it is of the same person."""
    if change.supersedes_id is None:
        return
    other = locked(change.supersedes_id)
    if other.requester_id != change.requester_id:
        raise NotYours(f"change {other.pk} is somebody else's: it can only be decided")
    if other.state in (State.DRAFT, State.SUBMITTED, State.APPROVED, State.SCHEDULED):
        before = other.state
        step(other, State.SUPERSEDED, verb="superseded", who=who, now=now, words=f"by change {change.pk}")
        take_back(other, before, now)
