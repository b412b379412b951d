"""Every step of a change, with its event, in the caller's transaction."""

import json
from datetime import datetime
from typing import Any

from portal.approvals.domain.kinds import MONTHS
from portal.approvals.domain.states import State, may_become
from portal.approvals.models import ChangeEvent, ChangeRequest, ChangeRevision
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.months import put_back
from portal.approvals.operations.who import Who


def locked(pk: int) -> ChangeRequest:
    """A change whose row nobody else changes meanwhile. Raises CannotChange where there is none."""
    change = ChangeRequest.objects.select_for_update().filter(pk=pk).first()
    if change is None:
        raise CannotChange(f"there is no change {pk}")
    return change


def content_of(change: ChangeRequest) -> dict[str, Any]:
    """Title, why, plan and evidence as they stand."""
    text = ChangeRevision.objects.get(request=change, number=change.revision).content
    content: dict[str, Any] = json.loads(text)
    return content


def step(
    change: ChangeRequest, to: State, *, verb: str, who: Who, now: datetime, words: str = "", **fields: Any
) -> ChangeEvent:
    """Go there (or stay, with something else new), and write down who did it and why.

    Raises CannotChange where there is no such step.
    """
    before = State(change.state)
    if to != before and not may_become(before, to):
        raise CannotChange(f"change {change.pk} is {before.label}: it cannot become {to.label}")
    for name, value in {**fields, "state": to, "events": change.events + 1}.items():
        setattr(change, name, value)
    change.save(update_fields=[*fields, "state", "events"])
    if change.kind in MONTHS and to != before:
        put_back(
            change, content_of(change)["plan"], who.person.name if who.person else "Apportion", words, now
        )
    return ChangeEvent.objects.create(
        request=change,
        number=change.events,
        from_state=before,
        to_state=to,
        verb=verb,
        person=who.person,
        via=who.via,
        words=words,
        hash=change.hash,
        at=now,
    )
