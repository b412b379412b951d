"""What a program sends for a new change becomes a title, a reason and a plan."""

from collections.abc import Mapping
from typing import Any

from attribution.queries.names import tenant_id_named
from portal.accounts.models import Person, User
from portal.approvals.domain.kinds import PUBLISHED, Kind
from portal.approvals.domain.moment import read_moment
from portal.approvals.domain.states import UNDECIDED
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked
from portal.approvals.operations.errors import CannotChange

# The body in OpenAPI.
BODY: Mapping[str, Any] = {
    "type": "object",
    "required": ["kind", "title", "why", "plan"],
    "properties": {
        "kind": {"type": "string", "enum": list(Kind)},
        "title": {"type": "string", "maxLength": 200},
        "why": {"type": "string"},
        "plan": {"type": "object", "description": "What the kind calls for: see docs/approvals.md."},
        "on_behalf_of": {
            "type": "string",
            "nullable": True,
            "description": "The account of whoever let the program ask: they do not decide on it either.",
        },
        "supersedes": {
            "type": "integer",
            "nullable": True,
            "description": "A change of one's own in whose place this one is asked for.",
        },
        "tenant": {"type": "string", "nullable": True, "description": "In whose name; none: the platform's."},
        "not_before": {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "description": "Nobody carries it out before this time, which has its offset; none, or one that "
            f"is over: as soon as it is approved. Only for {', '.join(sorted(PUBLISHED))}.",
        },
    },
}


def asked_by_program(sent: Mapping[str, Any]) -> Asked:
    """A body as a change. Raises CannotChange for what cannot be read, and says what is expected there."""
    if sent.get("kind") not in list(Kind):
        raise CannotChange(f"kind: one of {', '.join(Kind)}, not {sent.get('kind')!r}")
    kind, plan, tenant = Kind(sent["kind"]), sent.get("plan"), sent.get("tenant")
    if not isinstance(plan, dict):
        raise CannotChange("plan: an object")
    if tenant is not None and not isinstance(tenant, str):
        raise CannotChange(f"tenant: a name, not {tenant!r}")
    tenant_id = tenant_id_named(tenant) if tenant else None
    if tenant and tenant_id is None:
        raise CannotChange(f"tenant: there is no {tenant!r}")
    wanted, wrong = read_moment("not_before", sent.get("not_before"))
    if wrong:
        raise CannotChange(wrong[0])
    if wanted and kind not in PUBLISHED:
        raise CannotChange(
            f"not_before: {kind.one} is carried out by the product as soon as it is approved; "
            f"only what others carry out waits: {', '.join(sorted(PUBLISHED))}"
        )
    return Asked(kind, text_in(sent, "title"), text_in(sent, "why"), plan, tenant_id, wanted)


def text_in(sent: Mapping[str, Any], key: str) -> str:
    """A text of a body, "" where there is none. Raises CannotChange: a list or null is nobody's reason."""
    text = sent.get(key, "")
    if not isinstance(text, str):
        raise CannotChange(f"{key}: a text, not {text!r}")
    return text


def triggered_by(sent: Mapping[str, Any]) -> User | None:
    """Who let the program do it, by the name of an account; None where nobody did. Raises CannotChange."""
    name = sent.get("on_behalf_of")
    if name is None:
        return None
    user = (
        User.objects.filter(username=name).select_related("person").first() if isinstance(name, str) else None
    )
    if user is None:
        raise CannotChange(f"on_behalf_of: there is no account {name!r}")
    return user


def superseded_by(sent: Mapping[str, Any], person: Person | None) -> ChangeRequest | None:
    """The change in whose place it is asked for. Raises CannotChange for what is not theirs, or decided."""
    number = sent.get("supersedes")
    if number is None:
        return None
    own = ChangeRequest.objects.filter(requester=person, state__in=UNDECIDED)
    change = (
        own.filter(pk=number).first() if isinstance(number, int) and not isinstance(number, bool) else None
    )
    if change is None:
        raise CannotChange(f"supersedes: there is no change {number!r} of yours that waits")
    return change
