"""Do the facts still say what was decided on?"""

from datetime import datetime
from typing import Any

from django.db import transaction

from attribution.domain.money import from_nano
from attribution.queries.plan_rules import tenants_above
from portal.approvals.domain.impact import drifted
from portal.approvals.domain.kinds import MONTHS, PLACED, VERSIONED, Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import asked_of
from portal.approvals.operations.corrections import borne_by_giver
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.evidence import capacity_of, stands_of
from portal.approvals.operations.fragment_of import fragment_of
from portal.approvals.operations.impact import impact_of
from portal.approvals.operations.months import month_moved
from portal.approvals.operations.plan_rules import rule_checks, unmet, unmet_words
from portal.approvals.operations.revise import revise
from portal.approvals.operations.step import content_of, locked, step
from portal.approvals.operations.submit import evidence_and_policy, frozen, plan_of
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.who import PRODUCT

_DEVICE = 1000  # capacity is in thousandths


def drift_of(change: ChangeRequest, now: datetime) -> list[str]:
    """What has moved past its limit since the evidence was frozen, in sentences; none: it holds."""
    evidence = content_of(change)["evidence"]
    plan = plan_of(asked_of(change))
    since = max(change.wanted_at or now, now)
    limit = int(change.policy.get("drift", 0))
    if change.kind in MONTHS:
        return _of_month(Kind(change.kind), evidence["month"], plan, now, limit)
    if plan.adjustment:
        return _of_adjustment(evidence, plan, limit)
    try:
        fragment = fragment_of(plan.declare)
    except CannotChange as refusal:
        return [f"what it declares cannot be declared any more: {refusal}"]
    found = [*rules_moved(change, now)]
    if stands_of(fragment, since) != evidence["stands"]:
        found.append("the rules that stand in its place are other ones now")
    found += _capacity(
        evidence["capacity"], [capacity_of(one["pool"], plan, now) for one in evidence["capacity"]], limit
    )
    found += _impact(evidence["impact"], plan, fragment, limit)
    return found


def rules_moved(change: ChangeRequest, now: datetime) -> list[str]:
    """Rules of residency and compatibility that are met no more, or again, since the evidence was frozen."""
    content = content_of(change)
    kind, evidence = Kind(change.kind), content["evidence"]
    if kind not in PLACED | VERSIONED or "checks" not in evidence:
        return []
    since = max(change.wanted_at or now, now)
    checks = rule_checks(kind, plan_of(asked_of(change)), evidence["tenant"], since)
    before, after = (
        {(one["name"], one["rule"]): one for one in unmet(many)} for many in (evidence["checks"], checks)
    )
    moved = [_words(one, change) for key, one in after.items() if key not in before]
    return moved + [f"{name} rule “{rule}” is met now" for name, rule in before if (name, rule) not in after]


def refresh_drifted(pk: int, *, now: datetime) -> list[str]:
    """Where facts have moved, freeze new evidence: approvals of the former are void. Returns what moved."""
    change = ChangeRequest.objects.get(pk=pk)
    if change.state not in (State.SUBMITTED, State.APPROVED, State.SCHEDULED):
        return []
    moved = drift_of(change, now)
    if not moved:
        return []
    asked = asked_of(change)
    try:
        evidence, policy = evidence_and_policy(asked, plan_of(asked), now)
    except CannotChange:
        if change.kind not in MONTHS | {Kind.ADJUSTMENT}:
            raise
        return _taken_back(pk, moved, now)
    with transaction.atomic():
        seen, change = change.hash, locked(pk)
        if change.hash != seen or change.state not in (State.SUBMITTED, State.APPROVED, State.SCHEDULED):
            return []
        words = f"facts have moved, so approvals are void: {'; '.join(moved)}"
        kept = {**frozen(policy, now), "expires_at": change.expires_at}
        revise(
            change,
            asked.content(evidence),
            to=State.SUBMITTED,
            verb="approvals void",
            who=PRODUCT,
            now=now,
            words=words,
            **kept,
        )
        tell_of(change, "has drifted and needs your decision again", now)
    return moved


def _words(check: dict[str, Any], change: ChangeRequest) -> str:
    """Who is bound to a tenant reads the history of its changes: there, rules of others have no words."""
    others = change.tenant is not None and check["tenant"] not in ("", *tenants_above()[change.tenant.name])
    return f"a {check['name']} rule of another tenant is not met" if others else unmet_words(check)


def _of_month(kind: Kind, before: Any, plan: Plan, now: datetime, limit: int) -> list[str]:
    try:
        return month_moved(kind, before, plan, now, limit)
    except CannotChange as refusal:
        return [str(refusal)]


def month_refusal(change: ChangeRequest, now: datetime) -> str:
    """Which condition of a month's change fails now, "" where all hold."""
    evidence, limit = content_of(change)["evidence"], int(change.policy.get("drift", 0))
    try:
        month_moved(Kind(change.kind), evidence["month"], plan_of(asked_of(change)), now, limit)
    except CannotChange as refusal:
        return str(refusal)
    return ""


def _of_adjustment(evidence: dict[str, Any], plan: Plan, limit: int) -> list[str]:
    """What the giver bears there: what is not there any more cannot be moved."""
    try:
        there, before = borne_by_giver(plan), evidence.get("borne")
    except CannotChange as refusal:
        return [str(refusal)]
    if before is None or not drifted(before, there, limit):
        return []
    words = f"{from_nano(there):f} {plan.adjustment['currency']} are borne there now"
    return [f"{words}, and {from_nano(before):f} when it was asked for"]


def _taken_back(pk: int, moved: list[str], now: datetime) -> list[str]:
    """Nobody can decide on what cannot be carried out any more: a month is as it was before."""
    with transaction.atomic():
        change = locked(pk)
        if change.state not in (State.SUBMITTED, State.APPROVED, State.SCHEDULED):
            return []
        words = f"facts have moved: {'; '.join(moved)}"
        step(change, State.WITHDRAWN, verb="taken back", who=PRODUCT, now=now, words=words)
        tell_of(change, "was taken back, since facts have moved", now, [change.requester])
    return [*moved, "so it was taken back; ask again when that is mended"]


def _impact(before: dict[str, Any], plan: Any, fragment: Any, limit: int) -> list[str]:
    """The same weeks computed again; when what they rest on has not changed, neither has the figure."""
    if not before["weeks"]:
        return []
    weeks = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in before["weeks"]]
    now = impact_of(plan, fragment, weeks)
    if now["rows_hash"] == before["rows_hash"]:
        return []
    for key, words in (("middle", "the impact"), ("moved", "the money that changes hands")):
        if drifted(before[key], now[key], limit):
            return [f"{words} of the same weeks is another one now"]
    return []


def _capacity(before: list[dict[str, Any]], now: list[dict[str, Any]], limit: int) -> list[str]:
    moved = []
    for one, other in zip(before, now, strict=True):
        if one["ready"] is not None and drifted(one["ready"], other["ready"], limit, floor=_DEVICE):
            there = "unknown" if other["ready"] is None else f"{other['ready'] / 1000:.1f}"
            moved.append(f"{one['pool']} had {one['ready'] / 1000:.1f} ready devices and has {there}")
    return moved
