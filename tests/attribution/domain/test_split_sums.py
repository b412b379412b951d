from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain import split_sums as module
from attribution.domain.digits import from_integers
from attribution.domain.money import NANO, round_total, sorted_keys, split, to_nano
from attribution.domain.split_sums import split_sums
from tests.oracles.naive_total import naive_total

DECIMALS = st.decimals(-(10**9), 10**9, allow_nan=False, places=15)
POOLS = st.dictionaries(st.text("abcde", max_size=3), DECIMALS, max_size=9)
# In 1e-27: a nano-unit and less, many alike, some with more digits than a float tells apart.
TINY = st.lists(
    st.one_of(
        st.sampled_from([5 * 10**17, -5 * 10**17, 2 * 10**17, 1, 0]),
        st.integers(-(10**18), 10**18),
        st.integers(-(10**33), 10**33),
    ),
    max_size=40,
)


def split_total(total, pools, digits=18):
    """By key, as the oracle does it."""
    keys = sorted_keys(pools)
    exact = [int(Fraction(pools[key]) * 10**digits) for key in keys]
    parts = split_sums(total, from_integers(exact, 1 + digits // 9))
    return dict(zip(keys, parts.tolist(), strict=True))


def exact_total(pools):
    return round_total(sum(map(Fraction, pools.values()), Fraction(0)))


@given(POOLS)
def test_pools_are_split_as_fractions_would_split_them(pools):
    total = round_total(sum(map(Fraction, pools.values()), Fraction(0)))
    assert split_total(total, pools) == naive_total(total, pools)


def test_pools_of_a_bill_with_more_digits_sum_to_its_rounded_total():
    pools = {"a": Decimal("0.0000000006"), "b": Decimal("0.0000000009")}
    assert split_total(2, pools) == {"a": 1, "b": 1}


def test_a_credit_beside_charges_keeps_its_sign():
    pools = {"credit": Decimal("-10.5"), "gpu": Decimal("100.25"), "tax": Decimal("0")}
    assert split_total(to_nano(Decimal("89.75")), pools) == {
        "credit": -10500000000,
        "gpu": 100250000000,
        "tax": 0,
    }


def test_no_pools_share_nothing():
    assert split_total(0, {}) == {}


@pytest.mark.parametrize("total", [99, 101, 0])
def test_a_total_that_is_not_the_sum_of_its_pools_is_refused(total):
    with pytest.raises(ValueError, match=f"not to {total}"):
        split_total(total, {"a": Decimal("0.0000001")})


@given(POOLS)
def test_pools_of_both_signs_sum_to_the_bill_and_stay_close(pools):
    total = round_total(sum(map(Fraction, pools.values()), Fraction(0)))
    parts = split_total(total, pools)
    assert sum(parts.values()) == total
    for key, part in parts.items():
        assert abs(part - Fraction(pools[key]) * NANO) < Fraction(3, 2)


@given(POOLS)
def test_pools_with_nine_digits_keep_every_digit(pools):
    exact = {key: round(value, 9) for key, value in pools.items()}
    total = to_nano(sum(exact.values(), Decimal(0)))
    assert split_total(total, exact) == {key: to_nano(value) for key, value in exact.items()}


def test_ties_between_pools_go_to_the_earlier_key_in_bills_and_credit_notes():
    half = Decimal("0.0000000005")
    assert split_total(1, {"b": half, "a": half}) == {"a": 1, "b": 0}
    assert split_total(-1, {"b": -half, "a": -half}) == {"a": -1, "b": 0}
    assert split_total(0, {"a": -half, "b": half}) == {"a": -1, "b": 1}
    assert split_total(0, {"a": half, "b": -half}) == {"a": 1, "b": -1}


@given(POOLS)
def test_a_credit_note_splits_like_the_bill_it_mirrors(pools):
    total = round_total(sum(map(Fraction, pools.values()), Fraction(0)))
    mirrored = split_total(-total, {key: -value for key, value in pools.items()})
    assert split_total(total, pools) == {key: -part for key, part in mirrored.items()}


@given(st.dictionaries(st.integers(), st.decimals(0, 10**6, places=15), min_size=1))
def test_pools_of_one_sign_are_the_plain_split_of_the_total(pools):
    total = round_total(sum(map(Fraction, pools.values()), Fraction(0)))
    plain = split(total, {key: Fraction(value) for key, value in pools.items()})
    assert split_total(total, pools) == (plain or dict.fromkeys(pools, 0))


@given(TINY)
def test_pools_that_no_float_tells_apart_are_split_as_fractions_would_split_them(amounts):
    pools = {place: Fraction(amount, 10**27) for place, amount in enumerate(amounts)}
    total = exact_total(pools)
    assert split_total(total, pools, 27) == naive_total(total, pools)


@pytest.mark.parametrize("count", [1, 7, 5000])
@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_pools_of_a_few_prices_are_split_as_fractions_would_split_them(count, seed):
    """Prices by the hour repeat: most remainders are ties."""
    chance = np.random.default_rng(seed)
    prices = [Decimal("0.0123456789012"), Decimal("32.77260000005"), Decimal("-0.25"), Decimal(0)]
    pools = {place: prices[which] for place, which in enumerate(chance.integers(0, len(prices), count))}
    total = exact_total(pools)
    assert split_total(total, pools) == naive_total(total, pools)


def test_without_exact_ranks_a_remainder_that_floats_take_for_the_same_would_lose(monkeypatch):
    """The sabotage: the later is larger by 1e-27."""
    pools = {"a": Decimal("0.0000000005"), "b": Decimal("0.000000000500000000000000001")}
    assert split_total(1, pools, 27) == naive_total(1, pools) == {"a": 0, "b": 1}
    monkeypatch.setattr(module._Exact, "ranks", lambda self, rows: np.zeros(len(rows), np.int64))
    assert split_total(1, pools, 27) == {"a": 1, "b": 0}


@pytest.mark.parametrize("units", ["9223372036", "-9223372036", "9223372035.999999999"])
def test_a_pool_may_be_as_large_as_nano_units_of_64_bits_hold(units):
    nano = int(Decimal(units) * 10**9)
    assert split_total(nano, {"a": Decimal(units)}) == {"a": nano}


@pytest.mark.parametrize("units", ["9223372036.000000001", "-9223372036.5", "10000000000"])
def test_a_pool_beyond_what_a_column_of_nano_units_holds_is_refused(units):
    with pytest.raises(ValueError, match=r"units: expected at most 9,223,372,036"):
        split_total(0, {"a": Decimal(units), "b": -Decimal(units)})
