from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.money import (
    NANO,
    from_nano,
    largest_remainder,
    round_total,
    sorted_keys,
    split,
    to_nano,
)
from tests.oracles.naive_split import naive_split
from tests.support.worked_cases import worked_case

AMOUNTS = st.integers(-(10**18), 10**18)
WHOLE = st.integers(0, 10**12)
WEIGHTS = st.lists(st.one_of(WHOLE, st.fractions(0, 1000, max_denominator=1000)), max_size=9)
DECIMALS = st.decimals(-(10**9), 10**9, allow_nan=False, places=15)


def test_the_worked_cases_of_largest_remainder():
    for case in worked_case("largest_remainder")["cases"]:
        weights = {key: Fraction(weight) for key, weight in case["weights"].items()}
        assert split(case["amount_nano"], weights) == case["parts_nano"]


def test_a_day_of_seven_slices_splits_to_the_nano_unit():
    case = worked_case("mig_slices")
    held = case["slice_hours"]
    weights = held | {"unallocated": case["device_slices"] * case["hours"] - sum(held.values())}
    assert split(case["amount_nano"], weights) == case["lines_nano"]


def test_an_unused_node_keeps_its_whole_amount():
    case = worked_case("whole_node_unused")
    assert split(case["amount_nano"], case["minutes"]) == case["lines_nano"]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (1, [5, 5], [1, 0]),
        (100, [0, 7], [0, 100]),
        (7, [0, 0], None),
        (7, [], None),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (5, [Fraction(1, 3), Fraction(2, 3)], [2, 3]),
        (72 * NANO, [8, 6, 4, 150], [3428571429, 2571428571, 1714285714, 64285714286]),
    ],
)
def test_an_amount_splits_by_largest_remainder(amount, weights, parts):
    assert largest_remainder(amount, weights) == parts


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="-1"):
        largest_remainder(5, [2, -1])


@given(AMOUNTS, WEIGHTS)
def test_a_split_is_what_the_naive_one_says(amount, weights):
    assert largest_remainder(amount, weights) == naive_split(amount, weights)


@given(AMOUNTS, st.lists(WHOLE, min_size=1).filter(any))
def test_parts_sum_to_the_amount_and_lie_within_one_unit(amount, weights):
    parts = largest_remainder(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1


@given(AMOUNTS, st.dictionaries(st.integers(), WHOLE, min_size=1), st.randoms())
def test_the_order_of_the_weights_does_not_matter(amount, weights, random):
    shuffled = list(weights.items())
    random.shuffle(shuffled)
    assert split(amount, dict(shuffled)) == split(amount, weights)


@given(AMOUNTS, WEIGHTS, st.fractions(Fraction(1, 1000), 1000))
def test_weights_in_the_same_proportion_split_the_same(amount, weights, times):
    assert largest_remainder(amount, [weight * times for weight in weights]) == largest_remainder(
        amount, weights
    )


@given(AMOUNTS, WEIGHTS)
def test_a_negative_amount_splits_like_its_mirror_image(amount, weights):
    mirrored = largest_remainder(-amount, weights)
    parts = largest_remainder(amount, weights)
    assert parts == (None if mirrored is None else [-part for part in mirrored])


@given(st.lists(st.integers(1, 1000), min_size=1), st.integers(1, 10**6), st.data())
def test_a_tenant_split_in_two_bears_the_same_where_shares_are_exact(weights, unit, data):
    amount = sum(weights) * unit
    first = data.draw(st.integers(0, weights[0]))
    apart = largest_remainder(amount, [first, weights[0] - first, *weights[1:]])
    together = largest_remainder(amount, weights)
    assert [apart[0] + apart[1], *apart[2:]] == together


def test_the_absent_tenant_stands_last():
    assert sorted_keys([None, "b", "a"]) == ["a", "b", None]
    assert split(1, {None: 1, "a": 1}) == {"a": 1, None: 0}


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("1400.10", 1400100000000),
        ("0.0000000005", 0),
        ("0.0000000015", 2),
        ("-0.0000000015", -2),
        ("0.00000000150000000000000000000000000000001", 2),
        ("0.00000000249999999999999999999999999999999", 2),
        ("12345678901234567890.123456789", 12345678901234567890123456789),
        ("1E-400", 0),
    ],
)
def test_a_decimal_becomes_nano_units_half_to_even(text, nano):
    assert to_nano(Decimal(text)) == nano
    assert round_total(Decimal(text)) == nano


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1E+999999"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        to_nano(Decimal(text))


@given(st.integers(-(10**30), 10**30))
def test_nano_units_come_back_as_the_same_decimal(nano):
    assert to_nano(from_nano(nano)) == nano
    assert from_nano(nano).as_tuple().exponent == -9


def test_a_fraction_rounds_like_a_decimal():
    assert round_total(Fraction(1, 3)) == 333333333
    assert round_total(Fraction(15, 10**10)) == 2
