"""Money as integers of nano-units (1e-9), and splits that lose nothing.

Amounts enter as decimals and never pass through a float. An amount is split over weights by
*largest remainder*: the parts sum to the whole, no part differs from its exact share by a whole
unit, ties go to the earlier key, and a negative amount splits like its mirror image.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)

NANO = 10**9

# Decimal's own default context rounds to 28 digits; a bill line may carry more.
_WIDE = Context(prec=10_000, rounding=ROUND_HALF_EVEN)
# Above this a text like 1e999999 would cost memory, not money.
_LARGEST_EXPONENT = 40


def to_nano(amount: Decimal) -> int:
    """Return a decimal amount in whole nano-units, half to even.

    Raises ValueError for an amount that is not finite or is 1e41 or more.
    """
    if not amount.is_finite() or (amount and amount.adjusted() > _LARGEST_EXPONENT):
        raise ValueError(f"not an amount of money: {amount}")
    return int(amount.scaleb(9, _WIDE).to_integral_value(ROUND_HALF_EVEN, _WIDE))


def from_nano(nano: int) -> Decimal:
    """Return nano-units as an exact decimal with nine digits.

    Print it with `format(value, "f")`: `str` shows small values as `0E-9`.
    """
    return Decimal(nano).scaleb(-9, _WIDE)


def exact_text(nano: int) -> str:
    """All nine digits for a sentence; a minus is U+2212, as wherever people read."""
    return format(from_nano(nano), "f").replace("-", "\N{MINUS SIGN}")


def round_total(exact: Decimal | Fraction) -> int:
    """Return the total of a bill in nano-units: rounded once, half to even."""
    if isinstance(exact, Fraction):
        return round(exact * NANO)
    return to_nano(exact)


def whole_weights(weights: Sequence[int | Fraction]) -> list[int]:
    """Return weights as integers in the same proportion; ValueError for a negative one."""
    if any(weight < 0 for weight in weights):
        raise ValueError(f"a weight is negative: {min(weights)}")
    scale = lcm(*(weight.denominator for weight in weights))
    return [weight.numerator * (scale // weight.denominator) for weight in weights]


def largest_remainder(amount: int, weights: Sequence[int | Fraction]) -> list[int] | None:
    """Split an amount over weights that stand in a stable order; ties go to the earlier.

    None when every weight is zero, because then nobody can be named; an amount of 0 is zeros.
    Raises ValueError for a negative weight.
    """
    whole = whole_weights(weights)
    total = sum(whole)
    if total == 0:
        return [0] * len(whole) if amount == 0 else None
    sign = -1 if amount < 0 else 1
    shares = [divmod(abs(amount) * weight, total) for weight in whole]
    parts = [quotient for quotient, _ in shares]
    for index in _largest_first([rest for _, rest in shares])[: abs(amount) - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def split(amount: int, weights: Mapping[K, int | Fraction]) -> dict[K, int] | None:
    """Split an amount over weights by key, in the order of the sorted keys (None stands last).

    The order of the mapping does not matter. None when every weight is zero and the amount is not.
    """
    keys = sorted_keys(weights)
    parts = largest_remainder(amount, [weights[key] for key in keys])
    return None if parts is None else dict(zip(keys, parts, strict=True))


def sorted_keys(keys: Iterable[K]) -> list[K]:
    """Return keys in the stable order in which ties are decided; the absent tenant (None) last."""

    def rank(key: Any) -> tuple[bool, Any]:
        return key is None, 0 if key is None else key

    return sorted(keys, key=rank)


def _largest_first(rests: Sequence[int]) -> list[int]:
    return sorted(range(len(rests)), key=lambda index: -rests[index])
