"""How many bytes or tokens a charge bills, for comparison with what was measured; money is not concerned."""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from attribution.domain.recognition import BYTE_CLASSES, USAGE_COLUMNS, Recognised
from attribution.domain.tables import groups
from attribution.domain.units import read_unit


class Counts(NamedTuple):
    """What a line counts, whatever its number. `base` is bytes or tokens, `part` the class of route or
    of tokens; `ways`: how often each one is billed.
    """

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


def scale_of(counts: Counts, unit: str | None, provider: str) -> Fraction | None:
    """How many of what is counted one of the bill's units is; None where it is a unit of something else."""
    read = read_unit(unit, provider) if unit else None
    return read.scale if read is not None and read.base == counts.base else None


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
