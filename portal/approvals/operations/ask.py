"""A change is drafted and taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.plan import LONGEST
from portal.approvals.domain.states import UNDECIDED, State
from portal.approvals.models import ChangeEvent, ChangeParty, ChangeRequest
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.publish import take_back
from portal.approvals.operations.revise import revise
from portal.approvals.operations.step import content_of, locked, step
from portal.approvals.operations.who import Who


@dataclass(frozen=True)
class Asked:
    """What somebody would like: words, and a plan as domain/plan.py has it."""

    kind: Kind
    title: str
    why: str
    plan: dict[str, Any]
    tenant_id: int | None = None
    wanted_at: datetime | None = None

    def content(self, evidence: dict[str, Any] | None = None) -> dict[str, Any]:
        """As a revision keeps it."""
        wanted = self.wanted_at.isoformat() if self.wanted_at else None
        words = {"title": self.title, "why": self.why, "wanted_at": wanted}
        return {**words, "kind": self.kind.value, "plan": self.plan, "evidence": evidence or {}}


def draft_change(
    asked: Asked,
    *,
    who: Who,
    now: datetime,
    on_behalf_of: User | None = None,
    rolls_back: ChangeRequest | None = None,
    supersedes: ChangeRequest | None = None,
) -> ChangeRequest:
    """A draft with its first revision. `on_behalf_of` let a program ask, and has a part in it as well."""
    said(asked)
    if who.person is None:
        raise NotYours("a person has to ask for a change")
    with transaction.atomic():
        change = ChangeRequest.objects.create(
            kind=asked.kind,
            title=asked.title,
            tenant_id=asked.tenant_id,
            requester=who.person,
            requester_user=who.user,
            requester_token=who.token,
            created_at=now,
            rolls_back=rolls_back,
            supersedes=supersedes,
        )
        ChangeEvent.objects.create(
            request=change,
            number=1,
            to_state=State.DRAFT,
            verb="drafted",
            person=who.person,
            via=who.via,
            words=words_of(on_behalf_of),
            at=now,
        )
        note_trigger(change, on_behalf_of, "let a program ask")
        revise(
            change,
            asked.content(),
            to=State.DRAFT,
            verb="written",
            who=who,
            now=now,
            wanted_at=asked.wanted_at,
        )
    return change


def words_of(trigger: User | None) -> str:
    """What the history says of whoever let a program do it."""
    return f"{trigger.person.name} let a program do it" if trigger else ""


def note_trigger(change: ChangeRequest, trigger: User | None, part: str) -> None:
    """Has a part in it, by account: whose that is may turn out later."""
    if trigger is not None:
        ChangeParty.objects.create(request=change, person=trigger.person, user=trigger, part=part)


def withdraw_change(pk: int, *, who: Who, words: str, now: datetime) -> ChangeRequest:
    """Taken back by whoever asked for it."""
    with transaction.atomic():
        change = locked(pk)
        if who.person is None or change.requester_id != who.person.pk:
            raise NotYours(f"change {pk}: only whoever asked for it takes it back")
        if change.state not in UNDECIDED:
            raise CannotChange(f"change {pk} is {State(change.state).label}: it cannot be taken back")
        before = change.state
        step(change, State.WITHDRAWN, verb="withdrawn", who=who, now=now, words=words)
        take_back(change, before, now)
    return change


def asked_of(change: ChangeRequest) -> Asked:
    """What a change asks for, as it stands."""
    content = content_of(change)
    return Asked(
        Kind(change.kind),
        content["title"],
        content["why"],
        content["plan"],
        change.tenant_id,
        change.wanted_at,
    )


def said(asked: Asked) -> None:
    """Raises CannotChange where a title or a reason is missing."""
    if not asked.title.strip() or len(asked.title) > 200:
        raise CannotChange("a change needs a title of 1 to 200 characters")
    if not asked.why.strip() or len(asked.why) > LONGEST:
        raise CannotChange(f"a change needs a reason, of at most {LONGEST:,} characters")
