"""Unit costs: what one successful request, or a million tokens, cost."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from attribution.domain.money import NANO

_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
MILLION = 1_000_000


class NoFigure(StrEnum):
    """Why there is no unit cost. It is shown with the dash, never as 0."""

    COST_UNKNOWN = "the cost is not known"
    SUCCESSES_UNKNOWN = "the successful requests are not known"
    NOTHING_SUCCEEDED = "nothing succeeded"
    OF_NOBODY = "what the platform bears for nobody in particular is no request's cost"
    TOKENS_UNKNOWN = "the tokens are not known"
    NO_TOKENS = "no tokens"


class UnitCost(NamedTuple):
    """A cost per unit in whole currency units, or None with the reason."""

    value: Decimal | None
    reason: NoFigure | None


class TokenCost(NamedTuple):
    """Cost per million input and output tokens."""

    input: UnitCost
    output: UnitCost


# All that no tenant (or service, or model) bears, idle devices included, by the few requests that named none.
OF_NOBODY = UnitCost(None, NoFigure.OF_NOBODY)


def cost_per_success(amount_nano: int | None, successes: int | None) -> UnitCost:
    """Return cost per successful request, to twelve decimals, half to even."""
    if amount_nano is None:
        return UnitCost(None, NoFigure.COST_UNKNOWN)
    if successes is None:
        return UnitCost(None, NoFigure.SUCCESSES_UNKNOWN)
    if successes <= 0:
        return UnitCost(None, NoFigure.NOTHING_SUCCEEDED)
    return UnitCost(_rounded(Fraction(amount_nano, NANO * successes), 12), None)


def per_million_tokens(
    amount_nano: int | None,
    input_tokens: int | None,
    output_tokens: int | None,
    *,
    time: tuple[int | Fraction, int | Fraction] | None = None,
    output_weight: Decimal = Decimal(2),
) -> TokenCost:
    """Return cost per million input and output tokens, to six decimals, half to even.

    `time` is engine time in (prefill, decode), in any one unit: it divides the cost between input and
    output. Where there is none (or it is 0 and 0), one output token weighs `output_weight` input tokens.
    """
    if amount_nano is None:
        return _no_token_cost(NoFigure.COST_UNKNOWN)
    if input_tokens is None or output_tokens is None:
        return _no_token_cost(NoFigure.TOKENS_UNKNOWN)
    if time is not None and sum(time) > 0:
        for_input, for_output = Fraction(time[0]), Fraction(time[1])
    else:
        for_input, for_output = Fraction(input_tokens), output_tokens * Fraction(output_weight)
    whole = for_input + for_output
    if not whole:
        return _no_token_cost(NoFigure.NO_TOKENS)
    cost = Fraction(amount_nano, NANO)
    return TokenCost(
        _per_million(cost * for_input / whole, input_tokens),
        _per_million(cost * for_output / whole, output_tokens),
    )


def _per_million(cost: Fraction, tokens: int) -> UnitCost:
    if tokens <= 0:
        return UnitCost(None, NoFigure.NO_TOKENS)
    return UnitCost(_rounded(cost * MILLION / tokens, 6), None)


def _no_token_cost(reason: NoFigure) -> TokenCost:
    return TokenCost(UnitCost(None, reason), UnitCost(None, reason))


def _rounded(exact: Fraction, digits: int) -> Decimal:
    return Decimal(round(exact * 10**digits)).scaleb(-digits, _WIDE)
