"""A change is edited: another revision, and approvals of the former one are void."""

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.approvals.domain.kinds import MONTHS, Kind
from portal.approvals.domain.states import UNDECIDED, State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, note_trigger, said, words_of
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.plan_rules import refuse_over, refuse_unmet
from portal.approvals.operations.revise import revise
from portal.approvals.operations.step import content_of, locked
from portal.approvals.operations.submit import evidence_and_policy, frozen, may_ask, plan_of
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.who import Who

VOID = "the plan was edited: approvals of the former one are void"


def edit_change(
    pk: int,
    *,
    title: str,
    why: str,
    plan: dict[str, Any],
    who: Who,
    now: datetime,
    seen: str = "",
    on_behalf_of: User | None = None,
) -> ChangeRequest:
    """Another content. What was submitted stays submitted, with evidence of the new plan.

    `on_behalf_of` let a program edit, and has a part in it as well. `seen` is the hash of what was edited,
    "" whatever stands. Raises CannotChange once nothing is left to decide or when somebody else was faster,
    and NotYours for whoever may not ask for such a change.
    """
    change = ChangeRequest.objects.filter(pk=pk).first()
    if change is None or change.state not in UNDECIDED:
        raise CannotChange(f"change {pk} is {_label(change)}: there is nothing left to edit")
    if change.kind in MONTHS and change.state != State.DRAFT:
        raise CannotChange(f"change {pk}: its month is in review; take it back and ask again")
    stands = content_of(change)
    if (title, why, plan) == (stands["title"], stands["why"], stands["plan"]):
        raise CannotChange("nothing in it is different")
    asked = Asked(Kind(change.kind), title, why, plan, change.tenant_id, change.wanted_at)
    said(asked)
    # As with submitting: seconds of work, before anything is locked.
    asked_plan = plan_of(asked)
    evidence, policy = evidence_and_policy(asked, asked_plan, now)
    may_ask(change, who, policy)
    if change.state != State.DRAFT:
        refuse_over(asked_plan, max(asked.wanted_at or now, now))
        refuse_unmet(evidence["checks"])
    with transaction.atomic():
        before, change = change, locked(pk)
        if change.hash != (seen or before.hash) or change.state not in UNDECIDED:
            raise CannotChange(f"change {pk} was edited or decided meanwhile: look again")
        by = words_of(on_behalf_of)
        note_trigger(change, on_behalf_of, "let a program edit")
        if change.state == State.DRAFT:
            revise(change, asked.content(), to=State.DRAFT, verb="edited", who=who, now=now, words=by)
            return change
        fields = frozen(policy, now) | {"submitted_at": now}
        edited = asked.content(evidence)
        words = "; ".join(filter(None, (VOID, by)))
        revise(change, edited, to=State.SUBMITTED, verb="edited", who=who, now=now, words=words, **fields)
        tell_of(change, "was edited and needs your decision again", now)
    return change


def _label(change: ChangeRequest | None) -> str:
    return State(change.state).label if change else "not there"
