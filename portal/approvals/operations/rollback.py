"""The way back is a change of its own, with what stood before as its plan; somebody has to agree to it."""

from datetime import datetime
from typing import Any

from portal.approvals.domain.kinds import PUBLISHED, Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change, withdraw_change
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.step import content_of
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import Who


def ask_to_roll_back(pk: int, *, who: Who, now: datetime) -> ChangeRequest:
    """A submitted change that takes another one back. Raises CannotChange."""
    change = ChangeRequest.objects.get(pk=pk)
    if change.state not in (State.VERIFIED, State.FAILED):
        raise CannotChange(f"change {pk} is {State(change.state).label}: there is nothing to roll back")
    if change.carried_out_at is None:
        raise CannotChange(
            f"change {pk} failed before anything of it was carried out: nothing is to roll back"
        )
    content = content_of(change)
    plan: dict[str, Any] = {"rollback": f"change {pk} says what it was"}
    if before := content["evidence"].get("before"):
        plan["declare"] = before
    if change.kind == Kind.TOKEN_COEFFICIENTS and not content["plan"].get("withdraw"):
        plan |= {"fit": content["plan"]["fit"], "withdraw": True}
    if moved := content["plan"].get("adjustment"):
        plan |= {"period": content["plan"]["period"]}
        plan["adjustment"] = moved | {"from": moved["to"], "to": moved["from"]}
    if change.kind in PUBLISHED:
        plan["publish"] = {"do": content["plan"].get("rollback") or "take it back", "rolls_back": pk}
        plan |= {"pool": content["plan"].get("pool", ""), "devices": -content["plan"].get("devices", 0)}
    if of := content["plan"].get("exception"):
        plan["exception"] = of
    if not plan.keys() & {"declare", "publish", "fit", "adjustment"}:
        raise CannotChange(f"{Kind(change.kind).one} is not rolled back by the product: ask for another one")
    title = f"Roll back: {content['title']}"[:200]
    asked = Asked(Kind(change.kind), title, f"Change {pk} is taken back.", plan, change.tenant_id)
    made = draft_change(asked, who=who, now=now, rolls_back=change)
    try:
        return submit_change(made.pk, who=who, now=now)
    except CannotChange:
        withdraw_change(made.pk, who=who, words="it could not be submitted", now=now)
        raise
