import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.least_squares import Products, block_length, interval, resampled, solve, squared_error
from tests.oracles.naive_least_squares import naive_nnls


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_it_finds_what_trying_every_set_of_columns_finds(seed, count):
    rng = np.random.default_rng(seed)
    columns = rng.lognormal(0, 1, (40, count)) * 10.0 ** rng.integers(-3, 9, count)
    target = columns @ rng.normal(0.5, 1, count) + rng.normal(0, 1, 40)
    products = Products.of(columns, target, np.arange(40) // 2)
    found, naive = solve(products.total), naive_nnls(columns, target)
    assert (found >= 0).all()
    error = float(((columns @ naive - target) ** 2).sum())
    assert squared_error(products.total, found) == pytest.approx(
        error, rel=1e-6, abs=1e-9 * float(target @ target)
    )


def test_rows_of_one_hour_stay_together():
    columns, target = np.array([[1.0], [2.0], [4.0]]), np.array([3.0, 6.0, 12.0])
    products = Products.of(columns, target, np.array([0, 0, 3600]))
    assert products.by_hour.shape == (2, 2, 2)
    assert products.by_hour[0].tolist() == [[5.0, 15.0], [15.0, 45.0]]
    assert solve(products.total) == pytest.approx([3.0])


def test_collinear_and_empty_columns_are_no_accident():
    one = np.arange(1.0, 9.0)
    products = Products.of(np.column_stack((one, one, np.zeros(8))), 2 * one, np.arange(8))
    found = solve(products.total)
    assert found[0] + found[1] == pytest.approx(2.0)
    assert found[2] == 0


def test_the_same_data_give_the_same_interval_and_it_holds_the_truth():
    rng = np.random.default_rng(1)
    columns = rng.lognormal(0, 0.5, (200, 2))
    target = columns @ [2.0, 5.0] + rng.normal(0, 0.3, 200)
    products = Products.of(columns, target, np.arange(200))
    low, high = interval(resampled(products))
    again = interval(resampled(products))
    assert (low.tolist(), high.tolist()) == (again[0].tolist(), again[1].tolist())
    assert (low < [2.0, 5.0]).all()
    assert (high > [2.0, 5.0]).all()
    assert (high - low < 0.4).all()


@pytest.mark.parametrize(("hours", "length"), [(72, 6), (168, 12), (336, 24), (2000, 24)])
def test_blocks_are_a_day_where_there_are_two_weeks(hours, length):
    assert block_length(hours) == length
