import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.counters import increases, increases_by_hour, sampled_hours
from tests.oracles.naive_counters import naive_increase
from tests.support.worked_cases import worked_case

SAMPLE = st.one_of(st.none(), st.integers(0, 10**9).map(float))
SERIES = st.lists(SAMPLE, min_size=1, max_size=20)


def as_row(samples):
    return [np.nan if sample is None else sample for sample in samples]


def increase(samples):
    """Of one series."""
    row = np.array([[np.nan if sample is None else sample for sample in samples]], dtype=np.float64)
    return float(increases(row)[0])


def test_the_worked_cases_of_counter_increase():
    for case in worked_case("counter_increase")["cases"]:
        assert increase(case["samples"]) == case["increase"]


@pytest.mark.parametrize(
    ("samples", "added"),
    [
        ([200, 1000], 800),
        ([900, 100], 100),
        ([10, 20, 5, 8], 18),
        ([7], 0),
        ([], 0),
        ([None, None], 0),
        ([0, None, 30], 30),
        ([100, None, 10], 10),
        ([5, float("inf"), float("nan"), -3, 8], 3),
    ],
)
def test_a_counter_adds_up_over_resets_and_gaps(samples, added):
    assert increase(samples) == added


@given(SERIES)
def test_the_increase_is_what_the_naive_loop_says(samples):
    assert increase(samples) == naive_increase(samples)


@given(
    st.integers(1, 12).flatmap(
        lambda size: st.lists(st.lists(SAMPLE, min_size=size, max_size=size), min_size=1)
    )
)
def test_many_series_count_like_each_alone(table):
    rows = np.array([as_row(samples) for samples in table], dtype=np.float64)
    assert increases(rows).tolist() == [naive_increase(samples) for samples in table]


@given(
    st.integers(0, 4).flatmap(lambda hours: st.lists(SAMPLE, min_size=1 + 3 * hours, max_size=1 + 3 * hours))
)
def test_hours_sum_to_the_range_because_predecessors_carry_over(samples):
    by_hour = increases_by_hour(np.array([as_row(samples)]), per_hour=3)
    assert by_hour.shape == (1, len(samples) // 3)
    assert by_hour.sum() == naive_increase(samples)


def test_what_was_added_across_a_gap_counts_where_it_shows():
    samples = np.array([[10, 11, np.nan, np.nan, np.nan, np.nan, 30]])
    assert increases_by_hour(samples, per_hour=2).tolist() == [[1, 0, 19]]
    assert sampled_hours(samples, per_hour=2).tolist() == [[True, False, True]]


def test_samples_that_are_no_whole_hours_are_refused():
    with pytest.raises(ValueError, match="whole hours"):
        increases_by_hour(np.zeros((1, 60)))
