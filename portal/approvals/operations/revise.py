"""A new content of a change: what was approved before it is void."""

from datetime import datetime
from typing import Any

from portal.approvals.domain.canonical import canonical, hash_of
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest, ChangeRevision
from portal.approvals.operations.publish import take_back
from portal.approvals.operations.step import step
from portal.approvals.operations.who import Who


def revise(
    change: ChangeRequest,
    content: dict[str, Any],
    *,
    to: State,
    verb: str,
    who: Who,
    now: datetime,
    words: str = "",
    **fields: Any,
) -> bool:
    """Keep a content and let the change stand on it; False when it is the same one and nothing was done."""
    found = hash_of(content)
    if found == change.hash and to == change.state and not fields:
        return False
    if found != change.hash:
        fields |= {"revision": change.revision + 1, "hash": found, "title": content["title"]}
        ChangeRevision.objects.create(
            request=change,
            number=change.revision + 1,
            content=canonical(content),
            hash=found,
            made_by=who.person,
            made_by_user=who.user,
            made_by_token=who.token,
            made_at=now,
        )
    before = change.state
    step(change, to, verb=verb, who=who, now=now, words=words, **fields)
    take_back(change, before, now)
    return True
