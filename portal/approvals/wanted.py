"""Which changes a list is narrowed to; all of it in the address."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.components.filters import ContextBar, Field, narrowing

NAMES = ("kind", "state", "tenant", "person", "text")
_LONGEST = 200


def narrowed(found: QuerySet[ChangeRequest], given: Mapping[str, str]) -> QuerySet[ChangeRequest]:
    """Of these, the ones that the address asks for; a word that nothing has finds nothing."""
    wanted = {name: given.get(name, "").strip()[:_LONGEST].replace("\0", "") for name in NAMES}
    exact = {"kind": "kind", "state": "state", "tenant": "tenant__name", "person": "requester__name"}
    found = found.filter(**{exact[name]: word for name, word in wanted.items() if word and name in exact})
    if text := wanted["text"]:
        number = Q(pk=int(text)) if text.isdecimal() and text.isascii() and len(text) < 18 else Q(pk=None)
        found = found.filter(number | Q(title__icontains=text))
    return found


def bar_of(given: Mapping[str, str], known: QuerySet[ChangeRequest], *, states: bool) -> ContextBar:
    """The fields, with what there is among the changes that the reader may know of."""
    tenants = known.filter(tenant__isnull=False).values_list("tenant__name", flat=True).distinct()
    people = known.values_list("requester__name", flat=True).distinct()
    kinds = {kind.value: kind.label for kind in Kind}
    fields = [_select("kind", "Kind", kinds, given)]
    if states:
        fields.append(_select("state", "State", {state.value: state.label for state in State}, given))
    fields += [
        _select("tenant", "Tenant", _same(tenants), given),
        _select("person", "Asked by", _same(people), given),
        Field("text", "Title or number", given.get("text", "")[:_LONGEST], kind="search"),
    ]
    return ContextBar(fields)


def address_of(given: Mapping[str, str], **more: object) -> str:
    """The same list, with something else in its address."""
    kept = {name: given[name] for name in NAMES if given.get(name)}
    return f"?{urlencode(kept | more)}"


def _select(name: str, label: str, known: Mapping[str, str], given: Mapping[str, str]) -> Field:
    return Field(name, label, options=narrowing(known, given.get(name, "")))


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in sorted(set(names))}
