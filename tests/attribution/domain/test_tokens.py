from decimal import Decimal
from fractions import Fraction

import pytest

from attribution.domain.money import split
from attribution.domain.tokens import Coefficients, scaled_token_work, token_work
from tests.support.worked_cases import worked_case


def test_the_worked_case_of_token_work():
    case = worked_case("token_work")
    by = Coefficients(**{name: Decimal(value) for name, value in case["coefficients"].items()})
    work = {
        tenant: token_work(tokens["input"], tokens["cached"], tokens["output"], by)
        for tenant, tokens in case["tenants"].items()
    }
    assert split(case["amount_nano"], work) == case["parts_nano"]


def test_cached_tokens_weigh_a_tenth_and_output_double_unless_declared():
    assert token_work(1000, 900, 500, Coefficients()) == 1190
    assert token_work(7, 7, 0, Coefficients()) == Fraction(7, 10)


def test_weights_are_scaled_to_the_least_whole_numbers():
    by = Coefficients(a=Decimal("1.50"), c=Decimal("0.25"), b=Decimal("4"))
    assert (by.scaled, by.scale) == ((6, 1, 16), 4)
    assert scaled_token_work(10, 4, 1, by) == 6 * 6 + 4 + 16


@pytest.mark.parametrize("tokens", [(-1, 0, 0), (5, 6, 0), (5, -1, 0), (5, 0, -1)])
def test_impossible_tokens_are_refused(tokens):
    with pytest.raises(ValueError, match="impossible"):
        token_work(*tokens, Coefficients())


@pytest.mark.parametrize("text", ["-1", "NaN", "0.0000001"])
def test_a_coefficient_that_cannot_weigh_is_refused(text):
    with pytest.raises(ValueError, match="coefficient b: expected"):
        Coefficients(b=Decimal(text))


def test_coefficients_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match="all are 0"):
        Coefficients(Decimal(0), Decimal(0), Decimal(0))
