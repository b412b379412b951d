"""People and changes for tests of approvals: no figures, so evidence costs nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from portal.accounts.models import Role, ServiceToken
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest, Delegation
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.revise import revise
from portal.approvals.operations.submit import evidence_and_policy, plan_of
from portal.approvals.operations.who import Who, who_is
from tests.support.people import somebody

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
PLAN: dict[str, Any] = {"publish": {"do": "a drill"}, "rollback": "end it"}


def people() -> dict[str, Any]:
    """One of each role that takes part."""
    return {
        "asker": somebody("pia", Role.PLATFORM_OWNER),
        "platform": somebody("pavel", Role.PLATFORM_OWNER),
        "finance": somebody("frida", Role.FINANCE),
        "auditor": somebody("aude", Role.AUDITOR),
    }


def second_account(user: Any, name: str, *roles: Role) -> Any:
    """Another account of the same person."""
    other = somebody(name, *roles)
    other.person = user.person
    other.save()
    return other


def deputy_for(user: Any, other: Any, start: datetime = NOW, days: int = 3) -> Delegation:
    """`other` stands in for `user` from `start` on."""
    end = start + timedelta(days=days)
    return Delegation.objects.create(
        person=user.person, deputy=other.person, start=start, end=end, made_at=start
    )


def token_of(user: Any, prefix: str = "abcd1234") -> ServiceToken:
    """A token that this person answers for."""
    return ServiceToken.objects.create(
        prefix=prefix, sha256="0" * 64, name="bot", scopes=["read"], owner=user.person, created_at=NOW
    )


def submitted(
    user: Any, seats: tuple[str, ...] = ("platform_owner", "finance"), **more: Any
) -> ChangeRequest:
    """A submitted drill, without computing any evidence."""
    who = user if isinstance(user, Who) else who_is(user)
    options = {key: more.pop(key) for key in ("on_behalf_of", "rolls_back", "evidence") if key in more}
    asked = Asked(Kind.DRILL, "A drill", "To know", PLAN, more.pop("tenant_id", None))
    with transaction.atomic():
        return _submitted(asked, who, seats, options, more)


def evidence() -> dict[str, Any]:
    """What is frozen with a drill where there are no figures: for changes on which `conclude` decides."""
    asked = Asked(Kind.DRILL, "A drill", "To know", PLAN)
    return evidence_and_policy(asked, plan_of(asked), NOW)[0]


def _submitted(asked: Asked, who: Who, seats: tuple[str, ...], options: Any, more: Any) -> ChangeRequest:
    content = asked.content(options.pop("evidence", {"n": 1}))
    change = draft_change(asked, who=who, now=NOW, **options)
    fields = {"seats": list(seats), "expires_at": NOW + timedelta(days=14), "submitted_at": NOW, **more}
    revise(change, content, to=State.SUBMITTED, verb="submitted", who=who, now=NOW, **fields)
    change.refresh_from_db()
    return change
