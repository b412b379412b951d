"""A bill's total split over its cost pools, in fractions and one step after the other."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from attribution.domain.money import NANO, sorted_keys


def naive_total(total_nano: int, exact: Mapping[Any, Decimal | Fraction]) -> dict[Hashable, int]:
    """Nano-units by key; `exact` is in whole units of the currency."""
    keys = sorted_keys(exact)
    shares = [Fraction(exact[key]) * NANO for key in keys]
    size, changed = sum(map(abs, shares)), total_nano - sum(shares)
    if changed:
        shares = [share + changed * abs(share) / size for share in shares]
    sign = -1 if (total_nano or next((share for share in shares if share), 1)) < 0 else 1
    parts = [floor(sign * share) for share in shares]
    rests = [sign * share - part for share, part in zip(shares, parts, strict=True)]
    order = sorted(range(len(keys)), key=lambda place: (-rests[place], place))
    for place in order[: sign * total_nano - sum(parts)]:
        parts[place] += 1
    return {key: sign * part for key, part in zip(keys, parts, strict=True)}
