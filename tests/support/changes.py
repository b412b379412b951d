"""People and changes for tests of approvals: no figures, so evidence costs nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from portal.accounts.models import Role, ServiceToken
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.revise import revise
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
    options = {key: more.pop(key) for key in ("on_behalf_of", "rolls_back") if key in more}
    with transaction.atomic():
        return _submitted(who, seats, options, more)


def _submitted(who: Who, seats: tuple[str, ...], options: Any, more: Any) -> ChangeRequest:
    change = draft_change(Asked(Kind.DRILL, "A drill", "To know", PLAN), who=who, now=NOW, **options)
    content = Asked(Kind.DRILL, "A drill", "To know", PLAN).content({"n": 1})
    fields = {"seats": list(seats), "expires_at": NOW + timedelta(days=14), "submitted_at": NOW, **more}
    revise(change, content, to=State.SUBMITTED, verb="submitted", who=who, now=NOW, **fields)
    change.refresh_from_db()
    return change
