from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.digits import as_integers, carry, columns_for, from_integers, sums_by, total

NUMBERS = st.integers(-(10**33), 10**33)
KEYED = st.lists(st.tuples(st.integers(0, 5), NUMBERS), max_size=60)


@given(st.lists(NUMBERS))
def test_numbers_come_back_as_they_went_in(numbers):
    assert as_integers(from_integers(numbers, 3)) == numbers


@given(KEYED)
def test_sums_are_those_of_whole_numbers(pairs):
    keys = np.array([key for key, _ in pairs], dtype=np.int64)
    found, sums = sums_by(keys, from_integers([number for _, number in pairs], 3))
    naive = {}
    for key, number in pairs:
        naive[key] = naive.get(key, 0) + number
    assert dict(zip(found.tolist(), as_integers(sums), strict=True)) == naive
    assert found.tolist() == sorted(naive)


@given(st.lists(NUMBERS))
def test_a_total_is_exact(numbers):
    assert total(from_integers(numbers, 4)) == sum(numbers)


def test_a_number_has_one_form():
    assert carry(np.array([[0, -250_000_000], [1, 1_500_000_000]])).tolist() == [
        [-1, 750_000_000],
        [2, 500_000_000],
    ]


def test_columns_hold_nine_digits_each():
    assert [columns_for(decimals) for decimals in (0, 1, 9, 10, 18, 27)] == [1, 2, 2, 3, 3, 4]


def test_sums_that_would_turn_around_are_refused():
    """Nine of 1e18 fit, ten do not; without the guard they would be negative."""
    keys, large = np.zeros(10, np.int64), from_integers([10**18] * 10, 1)
    with pytest.raises(ValueError, match="too large to be summed"):
        sums_by(keys, large)
    assert int(large[:, 0].sum()) < 0
    _, sums = sums_by(keys[:9], large[:9])
    assert as_integers(sums) == [9 * int(Decimal("1e18"))]
