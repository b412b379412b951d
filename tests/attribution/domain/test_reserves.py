import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.reserves import divide
from tests.support.worked_cases import worked_case

COUNT = st.integers(0, 50)


def test_the_worked_cases_of_reserves():
    for case in worked_case("reserves")["cases"]:
        divided = divide(case["workless_ready"], case["failover_declared"], case["warm_declared"])
        assert divided._asdict() == {
            "failover": case["failover_reserve"],
            "warm": case["warm_reserve"],
            "idle": case["idle"],
        }


@pytest.mark.parametrize(
    ("workless", "expected"), [(0, (0, 0, 0)), (1, (1, 0, 0)), (4, (2, 2, 0)), (9, (2, 3, 4))]
)
def test_failover_is_filled_before_warm_reserve_before_idle(workless, expected):
    assert divide(workless, 2, 3) == expected


@given(COUNT, COUNT, COUNT)
def test_no_device_is_lost_and_none_is_invented(workless, failover, warm):
    divided = divide(workless, failover, warm)
    assert sum(divided) == workless
    assert all(part >= 0 for part in divided)
    assert divided.failover <= failover
    assert divided.warm <= warm


@given(st.lists(COUNT, min_size=1), COUNT, COUNT)
def test_many_minutes_divide_like_each_alone(minutes, failover, warm):
    divided = divide(np.array(minutes), failover, warm)
    alone = [divide(workless, failover, warm) for workless in minutes]
    assert list(zip(*(part.tolist() for part in divided), strict=True)) == alone


def test_services_may_declare_their_own():
    divided = divide(np.array([[5, 1], [5, 1]]), np.array([[2], [0]]), np.array([[1], [4]]))
    assert divided.idle.tolist() == [[2, 0], [1, 0]]


@pytest.mark.parametrize("counts", [(-1, 0, 0), (1, -1, 0), (1, 0, -1)])
def test_negative_counts_are_refused(counts):
    with pytest.raises(ValueError, match="negative"):
        divide(*counts)
