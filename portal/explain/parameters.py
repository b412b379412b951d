"""Text of parameters to what is to be explained, as this viewer may see it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.figures import OF_EVERYBODY, UNIT_FIGURES, Figure
from attribution.queries.explain.pages import MOST, START, Place
from attribution.queries.explain.versions import AsOf, is_snapshot
from attribution.queries.filters import CostFilters
from attribution.queries.names import visible_names
from attribution.queries.organization import organization
from attribution.queries.scope import TenantScope
from portal.accounts.permissions import Permission
from portal.accounts.viewer import Viewer
from portal.exports.errors import BadParameter, NotAllowed
from portal.exports.parameters import TIMES, Texts, moment_of, understand
from portal.exports.plain import time_text
from portal.exports.questions import COSTS, Question

FILTERS = COSTS.filters
_RANGE = Question(Permission.COSTS, "The range and the filters of a figure", (), FILTERS)
# "no": a tenant means itself, without what is below it.
BELOW = ("yes", "no")
PINS = ("as_of", "seen", "pin")
PAGING = ("after", "limit")
OWN = ("figure", "from", "to", *FILTERS, "below", "currency", *PINS)
CHANGES = ("from", "to", "base_from", "base_to", *FILTERS, "below", "currency", "from_version", "to_version")
_DIGITS = 9  # of the largest id that an address may name
_UTILIZATION = (Figure.UTILIZATION, Figure.DEVICE_COVERAGE)


@dataclass(frozen=True)
class Asking:
    """What is asked, and the hash that a permalink expects ("" without one)."""

    asked: Asked
    pin: str


def asking(texts: Texts, viewer: Viewer, known: tuple[str, ...] = OWN) -> Asking:
    """Understand the parameters of a figure.

    Raises NotAllowed for what the viewer may not ask, BadParameter for the first parameter that is wrong.
    """
    figure = _figure(texts, known)
    permission = _permission(figure)
    scope = viewer.scope(permission)
    if not viewer.may(permission) or (scope.bound and figure in OF_EVERYBODY):
        raise NotAllowed(str(figure))
    ranged = understand(_RANGE, _only(texts, _RANGE.parameters), scope)
    asked = Asked(
        figure,
        ranged.start,
        ranged.end,
        _without_below(texts, ranged.filters, scope),
        scope,
        _currency(texts),
        AsOf(_time(texts, "as_of"), _seen(texts)),
    )
    return Asking(asked, once(texts, "pin") or "")


def asking_changes(texts: Texts, viewer: Viewer) -> tuple[Asked, Asked, bool]:
    """Before, after, and whether they are two versions of one range (else two ranges)."""
    now = asking({**_only(texts, ("from", "to", *FILTERS, "below", "currency"))}, viewer, CHANGES).asked
    refuse_unknown(texts, CHANGES)
    after = replace(now, as_of=AsOf(_time(texts, "to_version")))
    if "base_from" in texts or "base_to" in texts:
        if "from_version" in texts:
            raise BadParameter("does not go with base_from: compare versions or ranges", "from_version", None)
        zone = organization().zone
        start, end = moment_of(texts, "base_from", zone), moment_of(texts, "base_to", zone)
        if end <= start:
            raise BadParameter("has to be after base_from", "base_to", once(texts, "base_to"), TIMES)
        return replace(after, start=start, end=end), after, False
    moment = _time(texts, "from_version")
    if moment is None:
        raise BadParameter("is needed, or base_from and base_to", "from_version", None, TIMES)
    return replace(now, as_of=AsOf(moment)), after, True


def paging(texts: Texts) -> tuple[Place, int]:
    """Behind which row a page starts, and how many rows it has."""
    limit = rows_at_once(texts)
    after = once(texts, "after")
    return (START if not after else place_of(after)), limit


def number_of(texts: Texts, name: str) -> int | None:
    """A whole number; None without it."""
    text = once(texts, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise BadParameter("is no whole number", name, text, ("a whole number",))
    return int(text)


def rows_at_once(texts: Texts) -> int:
    """How many rows a page has."""
    text = once(texts, "limit") or "100"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST):
        raise BadParameter("is no number of rows", "limit", text, (f"a whole number from 1 to {MOST}",))
    return int(text)


def place_text(place: Place | None) -> str | None:
    """A place for an address: hour, cluster and number."""
    return None if place is None else f"{time_text(place.hour)},{place.cluster_id},{place.number}"


def place_of(text: str) -> Place:
    """The place again. Raises BadParameter."""
    hour, _, rest = text.partition(",")
    cluster, _, number = rest.partition(",")
    try:
        moment = datetime.fromisoformat(hour)
        if moment.tzinfo is None:
            raise ValueError
        return Place(moment, int(cluster[:9]), int(number[:9]))
    except (ValueError, OverflowError):
        raise BadParameter("is no place of a page", "after", text, ("`next` of the page before",)) from None


def as_texts(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """One text each, as the parameters of an address."""
    return {name: [text] for name, text in texts.items()}


def _figure(texts: Texts, known: tuple[str, ...]) -> Figure:
    refuse_unknown(texts, known)
    text = once(texts, "figure") or Figure.COST
    if text not in list(Figure):
        raise BadParameter("is no figure", "figure", text, list(Figure))
    return Figure(text)


def _permission(figure: Figure) -> Permission:
    if figure in UNIT_FIGURES:
        return Permission.UNIT_COSTS
    return Permission.UTILIZATION if figure in _UTILIZATION else Permission.COSTS


def refuse_unknown(texts: Texts, known: tuple[str, ...]) -> None:
    """Raise BadParameter for a name that is none of the known ones."""
    for name in texts:
        if name not in known:
            raise BadParameter("is no parameter of this question", name, None, known)


def _only(texts: Texts, names: tuple[str, ...]) -> Texts:
    return {name: values for name, values in texts.items() if name in names}


def once(texts: Texts, name: str) -> str | None:
    """The one value of a parameter; None without it. Raises BadParameter for more than one."""
    values = texts.get(name, ())
    if len(values) > 1:
        raise BadParameter("was given more than once", name, ", ".join(values))
    return values[0] if values else None


def _without_below(texts: Texts, filters: CostFilters, scope: TenantScope) -> CostFilters:
    """The filters, where `below=no` with the named tenants alone."""
    text = once(texts, "below") or "yes"
    if text not in BELOW:
        raise BadParameter("is neither yes nor no", "below", text, BELOW)
    if text == "yes" or filters.tenant is None:
        return filters
    known = visible_names("tenant", scope)
    named = {pk for pk in filters.tenant if known.get(pk, "") in texts["tenant"]}
    return replace(filters, tenant=frozenset(named))


def _currency(texts: Texts) -> str | None:
    text = once(texts, "currency")
    if text is not None and not (text.isascii() and text.isalpha() and len(text) == 3 and text.isupper()):
        raise BadParameter("is no currency", "currency", text, ("a code of three letters, such as USD",))
    return text


def _time(texts: Texts, name: str) -> datetime | None:
    return moment_of(texts, name, organization().zone) if texts.get(name) else None


def _seen(texts: Texts) -> str | None:
    text = once(texts, "seen")
    if text is not None and not is_snapshot(text):
        raise BadParameter("is no snapshot", "seen", text, ("as in a permalink: 812:815:813",))
    return text
