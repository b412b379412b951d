"""What a bill's unit is worth: "1K tokens", "GiB", "10,000 Requests". The scale is read, never assumed."""

import re
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from attribution.domain.tables import groups

_MULTIPLIERS = {
    "k": 1_000,
    "m": 1_000_000,
    "b": 1_000_000_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
}
_SCALED = re.compile(
    r"^(?P<number>\d[\d,]*(?:\.\d+)?)?\s*(?:(?P<times>[kmb]|million|billion)(?=[\s\-])[\s\-]*)?(?P<unit>.*)$",
    re.IGNORECASE,
)
_GLUED = re.compile(r"^(\d[\d,]*(?:\.\d+)?)([kmb])(?=\s)", re.IGNORECASE)


class Unit(NamedTuple):
    """One of the bill's units is `scale` of `base` (bytes, tokens, requests, hours)."""

    base: str
    scale: Fraction


@cache
def read_unit(text: str, provider: str = "") -> Unit | None:
    """The unit of a text, None when the table does not know it; `provider` as the bill names it."""
    found = _SCALED.match(_GLUED.sub(r"\1 \2 ", text.strip()).strip())
    if found is None:
        return None
    known = _known(_plain(found["unit"]), provider)
    if known is None:
        return None
    number = Fraction((found["number"] or "1").replace(",", ""))
    if not number:
        return None
    return known._replace(scale=known.scale * number * _MULTIPLIERS.get((found["times"] or "").lower(), 1))


def _known(name: str, provider: str) -> Unit | None:
    """A provider's own meaning of a unit counts before the general one."""
    for group in reversed(groups("units")):
        owner = group.get("provider")
        if owner and not re.match(owner, provider, re.IGNORECASE):
            continue
        if name in group["units"]:
            base, scale = group["units"][name]
            return Unit(base, Fraction(scale))
    return None


def _plain(text: str) -> str:
    """Lower case, one blank between words, without the plural."""
    words = re.sub(r"[\s\-_/]+", " ", text.lower()).strip()
    return words[:-1] if words.endswith("s") and not words.endswith("ies") else words
