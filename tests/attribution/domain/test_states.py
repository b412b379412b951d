from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.reserves import divide
from attribution.domain.states import State, classify
from tests.oracles.naive_minutes import naive_minutes, naive_state

FLAG = st.sampled_from([None, 0.0, 1.0])
MINUTE = st.fixed_dictionaries(
    {
        "node_ready": FLAG,
        "held": FLAG,
        "ready": FLAG,
        "busy": st.sampled_from([None, 0.0, 0.03125, 0.0625, 0.5, 1.0]),
        "pending": st.sampled_from([None, 0.0, 1.0, 12.0]),
    }
)
DEVICES = st.lists(st.lists(MINUTE, min_size=6, max_size=6), min_size=1, max_size=9)
SIGNALS = ("node_ready", "held", "ready", "busy", "pending")


def arrays(devices):
    """Return the five signals as float32 arrays [devices, minutes]."""
    return [
        np.array(
            [[np.nan if minute[name] is None else minute[name] for minute in device] for device in devices],
            dtype=np.float32,
        )
        for name in SIGNALS
    ]


def state(node_ready=1, held=1, ready=1, busy=0.0, pending=0, floor=0.05):
    minute = [np.array([[value]], dtype=np.float32) for value in (node_ready, held, ready, busy, pending)]
    return State(int(classify(*minute, busy_floor=floor)[0, 0]))


def test_the_stored_codes_never_change():
    assert [member.name for member in State] == [
        "UNREADY",
        "UNALLOCATED",
        "LOADING",
        "SERVING",
        "STALLED",
        "WORKLESS",
        "NO_DATA",
    ]
    assert [int(member) for member in State] == list(range(7))


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        ({"node_ready": 0, "held": 0}, State.UNREADY),
        ({"node_ready": 0, "busy": 0.9}, State.UNREADY),
        ({"held": 0, "busy": np.nan}, State.UNALLOCATED),
        ({"held": 0, "ready": 0}, State.UNALLOCATED),
        ({"ready": 0, "busy": 0.9}, State.LOADING),
        ({"ready": 0, "busy": np.nan}, State.LOADING),
        ({"held": np.nan, "ready": 0}, State.NO_DATA),
        ({"held": np.nan, "busy": 0.9}, State.NO_DATA),
        ({"busy": np.nan, "pending": 3}, State.NO_DATA),
        ({"busy": 0.05}, State.SERVING),
        ({"busy": 0.7, "floor": 0.7}, State.SERVING),
        ({"busy": 0.0499, "pending": 1}, State.STALLED),
        ({"busy": 0, "pending": 0}, State.WORKLESS),
        ({"busy": 0, "pending": np.nan}, State.WORKLESS),
        ({"node_ready": np.nan, "ready": np.nan, "busy": 0.9}, State.SERVING),
        ({"busy": 0, "floor": 0}, State.SERVING),
    ],
)
def test_the_first_state_that_holds_is_taken(minute, expected):
    assert state(**minute) is expected


def test_every_device_may_have_its_own_floor():
    one, zero = np.ones((2, 60), dtype=np.float32), np.zeros((2, 60), dtype=np.float32)
    codes = classify(one, one, one, one * np.float32(0.3), zero, np.array([[0.3], [0.31]]))
    assert codes.dtype == np.int8
    assert [set(row) for row in codes.tolist()] == [{State.SERVING}, {State.WORKLESS}]


@given(DEVICES)
def test_states_are_what_the_naive_rule_says(devices):
    codes = classify(*arrays(devices), busy_floor=0.0625)
    assert [[State(code).name.lower() for code in row] for row in codes.tolist()] == [
        [naive_state(minute, 0.0625) for minute in device] for device in devices
    ]


@given(DEVICES, st.integers(0, 4), st.integers(0, 4))
def test_minutes_by_state_and_reserve_are_what_the_naive_loop_says(devices, failover, warm):
    codes = classify(*arrays(devices), busy_floor=0.0625)
    minutes = Counter({member.name.lower(): int((codes == member).sum()) for member in State})
    parts = divide((codes == State.WORKLESS).sum(axis=0), failover, warm)
    del minutes["workless"]
    minutes += Counter(
        failover_reserve=int(parts.failover.sum()),
        warm_reserve=int(parts.warm.sum()),
        idle=int(parts.idle.sum()),
    )
    assert minutes == naive_minutes(devices, 0.0625, failover, warm)
    assert minutes.total() == codes.size
