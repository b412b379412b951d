"""How many bytes or tokens a charge bills, for comparison with what was measured; money is not concerned."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from attribution.domain.recognition import BYTE_CLASSES, USAGE_COLUMNS, Recognised
from attribution.domain.tables import groups
from attribution.domain.units import read_unit

Quantities = Iterable[tuple[Decimal | None, str | None]]


class Billed(NamedTuple):
    """A countable thing on a bill. `base` is bytes or tokens, `part` the class of route or of tokens.

    `quantity` None: the unit or the number could not be read. `ways`: how often each one is billed.
    """

    base: str
    part: str
    quantity: Fraction | None
    ways: int


class Counts(NamedTuple):
    """What a line counts, whatever its number: bytes of a class of route, or tokens of a class."""

    base: str
    part: str
    ways: int


def counts_of(recognised: Recognised, charge: Mapping[str, str | None]) -> Counts | None:
    """What this line counts; None where it counts neither bytes of a class nor tokens."""
    if recognised.part in BYTE_CLASSES:
        return Counts("bytes", recognised.part, recognised.ways)
    if recognised.kind == "provider_api" and (named := token_class(charge)):
        return Counts("tokens", named, 1)
    return None


def billed_of(counts: Counts, quantities: Quantities, provider: str) -> Billed:
    """How much of it. `quantities` are (number, unit) as they are believed: consumed before pricing."""
    return Billed(counts.base, counts.part, _read(counts.base, quantities, provider), counts.ways)


def token_class(charge: Mapping[str, str | None]) -> str | None:
    """Which class of tokens the line's meter names: input, cached_input, cache_write, output."""
    return _token_class(" ".join(charge.get(name) or "" for name in USAGE_COLUMNS))


@lru_cache(maxsize=10_000)
def _token_class(text: str) -> str | None:
    if "token" not in text.lower() and not re.search(
        r"predictions|input caching|model as a service|text (in|out)put|, [a-z ]*(in|out)put\b",
        text,
        re.IGNORECASE,
    ):
        return None
    return next((name for name, pattern in _classes() if pattern.search(text)), None)


@cache
def _classes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["name"], re.compile(entry["when"], re.IGNORECASE))
        for group in groups("tokens")
        for entry in group["class"]
    )


def _read(base: str, quantities: Quantities, provider: str) -> Fraction | None:
    """The first quantity whose unit is one of these."""
    for number, text in quantities:
        unit = read_unit(text, provider) if text else None
        if unit is not None and unit.base == base and number is not None and number.is_finite():
            return Fraction(number) * unit.scale
    return None
