"""Names in an address become ids; a name that nobody has, or that is not the reader's, matches nothing."""

from dataclasses import replace

from attribution.queries.choices import Choices, ids_named, tenants_named
from attribution.queries.dimensions import KINDS, USES
from attribution.queries.filters import CostFilters
from attribution.queries.names import visible_names
from attribution.queries.scope import TenantScope
from portal.costs.asked import NARROWED, NONE, Asked

Narrowed = tuple[CostFilters, Asked]


def narrowed(asked: Asked, scope: TenantScope, choices: Choices) -> Narrowed:
    """Filters, and the asking with a mistake noted beside each name that matches nothing."""
    kept: dict[str, frozenset[int] | frozenset[str]] = {}
    mistakes = dict(asked.mistakes)
    for name in NARROWED:
        if text := asked.narrowed.get(name, ""):
            kept[name] = _matching(name, text, scope, choices)
            if not kept[name]:
                mistakes[name] = f"no {name} of this name"
    return CostFilters(**kept), replace(asked, mistakes=mistakes)  # type: ignore[arg-type]  # by name


def _matching(name: str, text: str, scope: TenantScope, choices: Choices) -> frozenset[int] | frozenset[str]:
    words = {"kind": KINDS, "use": USES}.get(name)
    if words is not None:
        return frozenset({text} & set(words))
    if text == NONE:
        return frozenset({0})
    if name == "tenant":
        return tenants_named(text, scope)
    if name in choices:
        return frozenset(pk for pk, known in choices[name].items() if known == text)
    if scope.bound:
        return frozenset(pk for pk, known in visible_names(name, scope).items() if known == text)
    return ids_named(name, text)
