import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.money import largest_remainder
from attribution.domain.segments import split_segments

INT64 = np.iinfo(np.int64)
# Around every bound of the fast path: small, tied, near 2**53, near 2**62, the very ends.
WEIGHT = st.one_of(
    st.integers(0, 3), st.integers(0, 10**6), st.integers(0, 2**53), st.integers(0, INT64.max), st.just(0)
)
AMOUNT = st.one_of(
    st.integers(-9, 9), st.integers(-(10**12), 10**12), st.integers(INT64.min, INT64.max), st.just(INT64.min)
)


def split_lists(amounts, segments):
    offsets = np.cumsum([0, *map(len, segments)])
    weights = np.array([weight for segment in segments for weight in segment], dtype=np.int64)
    parts, unsplit = split_segments(np.array(amounts, dtype=np.int64), offsets, weights)
    cut = pairwise(offsets)
    return [parts[start:end].tolist() for start, end in cut], unsplit.tolist()


def test_every_segment_splits_by_itself():
    parts, unsplit = split_lists([10, -10, 7, 0, 1], [[1, 1, 1], [1, 1, 1], [0, 0], [0], [5, 5]])
    assert parts == [[4, 3, 3], [-4, -3, -3], [0, 0], [0], [1, 0]]
    assert unsplit == [False, False, True, False, False]


def test_an_empty_segment_between_others_keeps_its_amount():
    assert split_lists([3, 5, 4], [[1, 2], [], [1]]) == ([[1, 2], [], [4]], [False, True, False])


def test_nothing_at_all_splits_into_nothing():
    assert split_lists([], []) == ([], [])
    assert split_lists([0, 2], [[], []]) == ([[], []], [False, True])


def test_amounts_times_weights_beyond_64_bits_are_exact():
    segment = [3_600_000_000, 1, 7_200_000_000, 3]
    assert split_lists([10**15], [segment])[0] == [largest_remainder(10**15, segment)]


@given(st.lists(st.tuples(AMOUNT, st.lists(WEIGHT, max_size=6)), max_size=8))
def test_segments_equal_the_plain_split_bit_for_bit(cases):
    plain = [largest_remainder(amount, weights) for amount, weights in cases]
    parts, unsplit = split_lists([amount for amount, _ in cases], [weights for _, weights in cases])
    assert unsplit == [split is None for split in plain]
    assert parts == [split or [0] * len(case[1]) for split, case in zip(plain, cases, strict=True)]


@pytest.mark.parametrize(
    ("amount_bits", "weight_bits"), [(61, 10), (55, 40), (40, 55), (61, 47), (60, 58), (6, 58), (30, 60)]
)
def test_sizes_at_which_a_float_quotient_is_off_are_exact_too(amount_bits, weight_bits):
    random = np.random.default_rng(amount_bits)
    amounts = random.integers(0, 2**amount_bits, 300).tolist()
    segments = random.integers(0, 2**weight_bits, (300, 5)).tolist()
    plain = [largest_remainder(*case) for case in zip(amounts, segments, strict=True)]
    assert split_lists(amounts, segments)[0] == plain


@pytest.mark.parametrize(
    ("amounts", "offsets", "weights"),
    [
        ([1], [0, 1], [-1]),
        ([1], [0, 2], [1]),
        ([1], [1, 1], [1]),
        ([1, 2], [0, 1], [1]),
        ([1, 1], [0, 2, 1], [1]),
    ],
)
def test_what_does_not_fit_together_is_refused(amounts, offsets, weights):
    with pytest.raises(ValueError, match=r"negative|offsets"):
        split_segments(np.array(amounts), np.array(offsets), np.array(weights))


def test_a_million_weights_take_under_half_a_second_of_work():
    random = np.random.default_rng(7)
    offsets = np.arange(0, 10**6 + 1, 25)
    weights = random.integers(0, 3_600_000_000, 10**6)
    amounts = random.integers(-(10**12), 10**12, len(offsets) - 1)
    began = time.process_time()
    parts, unsplit = split_segments(amounts, offsets, weights)
    assert time.process_time() - began < 0.5
    assert not unsplit.any()
    assert (np.add.reduceat(parts, offsets[:-1]) == amounts).all()
