from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.money import NANO, to_nano
from attribution.domain.unit_cost import NoFigure, cost_per_success, per_million_tokens
from tests.support.worked_cases import worked_case


def test_the_worked_cases_of_token_unit_cost():
    for case in worked_case("unit_cost")["cases"]:
        options = {}
        if case["time"]:
            options["time"] = (case["time"]["prefill"], case["time"]["decode"])
        if "output_weight" in case:
            options["output_weight"] = Decimal(case["output_weight"])
        cost = per_million_tokens(
            to_nano(Decimal(case["cost"])), case["input_tokens"], case["output_tokens"], **options
        )
        assert str(cost.input.value) == case["input_per_million"]
        assert str(cost.output.value) == case["output_per_million"]


@pytest.mark.parametrize(
    ("amount", "successes", "value", "reason"),
    [
        (10 * NANO, 4, Decimal("2.5"), None),
        (0, 4, Decimal(0), None),
        (NANO, 3, Decimal("0.333333333333"), None),
        (-NANO, 3, Decimal("-0.333333333333"), None),
        (None, 4, None, NoFigure.COST_UNKNOWN),
        (NANO, None, None, NoFigure.SUCCESSES_UNKNOWN),
        (NANO, 0, None, NoFigure.NOTHING_SUCCEEDED),
    ],
)
def test_a_success_costs_its_part_or_there_is_a_reason(amount, successes, value, reason):
    assert cost_per_success(amount, successes) == (value, reason)


def test_engine_time_divides_the_cost_between_input_and_output():
    cost = per_million_tokens(4 * NANO, 600_000, 400_000, time=(70, 30))
    assert (cost.input.value, cost.output.value) == (Decimal("4.666667"), Decimal("3.000000"))


@pytest.mark.parametrize("time", [None, (0, 0)])
def test_without_engine_time_output_tokens_weigh_more(time):
    cost = per_million_tokens(5 * NANO, 800_000, 200_000, time=time, output_weight=Decimal("2.5"))
    assert (cost.input.value, cost.output.value) == (Decimal("3.846154"), Decimal("9.615385"))


@pytest.mark.parametrize(
    ("amount", "tokens", "reasons"),
    [
        (None, (1, 1), (NoFigure.COST_UNKNOWN, NoFigure.COST_UNKNOWN)),
        (NANO, (None, 1), (NoFigure.TOKENS_UNKNOWN, NoFigure.TOKENS_UNKNOWN)),
        (NANO, (0, 0), (NoFigure.NO_TOKENS, NoFigure.NO_TOKENS)),
        (NANO, (10, 0), (None, NoFigure.NO_TOKENS)),
        (NANO, (0, 10), (NoFigure.NO_TOKENS, None)),
    ],
)
def test_without_tokens_there_is_a_reason_and_no_zero(amount, tokens, reasons):
    cost = per_million_tokens(amount, *tokens)
    assert (cost.input.reason, cost.output.reason) == reasons
    assert [part.value is None for part in cost] == [reason is not None for reason in reasons]


@given(st.integers(0, 10**15), st.integers(1, 10**9), st.integers(1, 10**9))
def test_input_and_output_together_cost_the_amount(amount, input_tokens, output_tokens):
    cost = per_million_tokens(amount, input_tokens, output_tokens)
    total = Fraction(cost.input.value) * input_tokens + Fraction(cost.output.value) * output_tokens
    rounding = Fraction(input_tokens + output_tokens, 2 * 10**6)
    assert abs(total / 10**6 - Fraction(amount, NANO)) * 10**6 <= rounding
