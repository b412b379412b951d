"""Work of a language model, from its token counts: `a*(input - cached) + c*cached + b*output`."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

_DECIMALS = 6


@dataclass(frozen=True)
class Coefficients:
    """What one token weighs: `a` computed input, `c` cached input, `b` output.

    Only their proportion matters. Not negative, not all zero, at most six decimals, so that weights
    stay whole 64-bit numbers; ValueError otherwise. The default is 1, 0.1 and 2.
    """

    a: Decimal = Decimal("1")
    c: Decimal = Decimal("0.1")
    b: Decimal = Decimal("2")

    def __post_init__(self) -> None:
        for name, value in (("a", self.a), ("c", self.c), ("b", self.b)):
            if not value.is_finite() or value < 0 or value != round(value, _DECIMALS):
                raise ValueError(
                    f"coefficient {name}: expected 0 or more, {_DECIMALS} decimals; found {value}"
                )
        if not (self.a or self.c or self.b):
            raise ValueError("coefficients: expected one above 0; all are 0")

    @cached_property
    def scale(self) -> int:
        """The least number that makes all three whole."""
        return lcm(*(Fraction(value).denominator for value in (self.a, self.c, self.b)))

    @cached_property
    def scaled(self) -> tuple[int, int, int]:
        """The three as whole numbers: (a, c, b) times `scale`."""
        a, c, b = (int(Fraction(value) * self.scale) for value in (self.a, self.c, self.b))
        return a, c, b


class Weighing(NamedTuple):
    """Token weights and the approved fit they come from, 0 for the service's declared ones."""

    fit_id: int
    coefficients: Coefficients


def scaled_token_work(input_tokens: int, cached_tokens: int, output_tokens: int, by: Coefficients) -> int:
    """Return `by.scale` times the work of these tokens; `input_tokens` includes the cached ones.

    Raises ValueError for a negative count or more cached tokens than input.
    """
    if not 0 <= cached_tokens <= input_tokens or output_tokens < 0:
        raise ValueError(
            f"impossible: {input_tokens} input, {cached_tokens} cached, {output_tokens} output tokens"
        )
    a, c, b = by.scaled
    return a * (input_tokens - cached_tokens) + c * cached_tokens + b * output_tokens


def token_work(input_tokens: int, cached_tokens: int, output_tokens: int, by: Coefficients) -> Fraction:
    """Return the exact work of these tokens; errors as `scaled_token_work`."""
    return Fraction(scaled_token_work(input_tokens, cached_tokens, output_tokens, by), by.scale)
