"""A packed byte says of a minute what the states ask of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attribution.domain.inputs import PACKED, pack, unpack
from attribution.domain.states import classify

VALUES = st.sampled_from([0.0, 1.0, 0.5, 3.0, np.nan])
MINUTES = arrays(np.float32, (2, 60), elements=VALUES)


@given(st.dictionaries(st.sampled_from(PACKED), MINUTES), MINUTES)
def test_states_are_the_same_from_the_bytes_as_from_the_arrays(signals, busy):
    absent = np.full((2, 60), np.nan, dtype=np.float32)
    given_arrays = {name: signals.get(name, absent) for name in PACKED}
    again = unpack(pack(signals, 2))
    expected = classify(busy=busy, busy_floor=0.05, **given_arrays)
    assert np.array_equal(classify(busy=busy, busy_floor=0.05, **again), expected)


def test_a_signal_that_is_not_there_is_unknown():
    assert all(np.isnan(values).all() for values in unpack(pack({}, 3)).values())
