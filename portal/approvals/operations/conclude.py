"""A decision on the facts as they are: they are looked at first, then it is taken, and the change goes on."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from portal.accounts.models import Person
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.who import Who


class Concluded(NamedTuple):
    """The change as it is now. `moved`: why nothing was decided, and approvals are void; none: it was."""

    change: ChangeRequest
    moved: list[str]


def conclude(
    pk: int,
    *,
    agrees: bool,
    seen: str,
    who: Who,
    now: datetime,
    words: str = "",
    for_person: Person | None = None,
) -> Concluded:
    """Decide, unless facts have moved; whatever is due then happens. Raises NotYours and CannotChange.

    That approvals are void stays, whatever becomes of the decision: it is not taken back with a refusal.
    """
    moved = refresh_drifted(pk, now=now) if agrees else []
    if moved:
        return Concluded(ChangeRequest.objects.get(pk=pk), moved)
    with transaction.atomic():
        change = decide_change(
            pk, agrees=agrees, seen=seen, who=who, now=now, words=words, for_person=for_person
        )
        if change.state == State.APPROVED:
            change = go_on(pk, now=now)
    # Facts that moved between the first look and the second: the history says which.
    late = agrees and change.hash != seen
    return Concluded(change, [change.history.latest("number").words] if late else [])


def moved_words(moved: list[str]) -> str:
    """For whoever wanted to decide."""
    return f"facts have moved, so approvals are void and the evidence is new: {'; '.join(moved)}"
