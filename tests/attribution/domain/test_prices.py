from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.bill_pools import PoolSums, Scope
from attribution.domain.hours import hours
from attribution.domain.money import round_total
from attribution.domain.prices import price_book_amount, spread, spread_weights
from tests.support.worked_cases import worked_case

START = datetime(2026, 3, 1, tzinfo=UTC)
AMOUNTS = st.integers(-(10**15), 10**15)
PERIODS = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(
    lambda pair: (START + timedelta(seconds=min(pair)), START + timedelta(seconds=max(pair)))
)


def at(hour, minute=0):
    return START + timedelta(hours=hour, minutes=minute)


def test_the_worked_case_of_a_monthly_charge():
    case = worked_case("spread_charge")
    parts = spread(case["amount_nano"], *map(datetime.fromisoformat, case["period"]))
    values = list(parts.values())
    assert len(values) == case["hours"]
    assert sum(values) == case["amount_nano"]
    most = [case["hour_nano_max"]] * case["hours_with_max"]
    assert values == most + [case["hour_nano_min"]] * (case["hours"] - case["hours_with_max"])


def test_the_extra_units_go_to_the_earliest_hours():
    assert spread(5, START, at(3)) == {at(0): 2, at(1): 2, at(2): 1}
    assert spread(-5, START, at(3)) == {at(0): -2, at(1): -2, at(2): -1}


def test_a_partial_hour_bears_its_part():
    assert spread(100, at(0, 45), at(2, 30)) == {at(0): 14, at(1): 57, at(2): 29}


def test_a_known_node_bears_by_its_live_minutes():
    live = {at(0): 60, at(2): 30, at(9): 60}
    assert spread(90, START, at(3), live) == {at(0): 60, at(1): 0, at(2): 30}


def test_a_partial_hour_counts_its_part_of_the_live_minutes():
    live = {at(0): 60, at(1): 60}
    assert spread(90, START, at(1, 30), live) == {at(0): 60, at(1): 30}


def test_a_node_never_live_in_the_period_is_spread_evenly():
    assert spread(90, START, at(3), {at(9): 60}) == {at(0): 30, at(1): 30, at(2): 30}


def test_a_charge_of_one_moment_belongs_to_its_hour():
    assert spread(90, at(1, 20), at(1, 20)) == {at(1): 90}


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="before its start"):
        spread(90, at(1), at(0))


@given(AMOUNTS, PERIODS, st.one_of(st.none(), st.lists(st.integers(0, 60), min_size=300, max_size=300)))
def test_nothing_of_a_charge_is_lost_over_its_hours(amount, period, minutes):
    live = minutes and dict(zip(hours(START, at(300)), minutes, strict=True))
    parts = spread(amount, *period, live)
    weights = spread_weights(*period, live)
    assert sum(parts.values()) == amount
    assert list(parts) == list(weights) == sorted(parts)
    exact = {hour: Fraction(amount * weight, sum(weights.values())) for hour, weight in weights.items()}
    assert all(abs(parts[hour] - exact[hour]) < 1 for hour in parts)


@given(st.lists(st.tuples(st.decimals(-1000, 1000, places=12), PERIODS), min_size=1, max_size=4))
def test_hours_of_many_charges_sum_to_the_bill(charges):
    total = round_total(sum((amount for amount, _ in charges), Decimal(0)))
    scope = Scope(1, 1, 0, "accelerator", "nodes", "", "USD")
    sums = PoolSums(12)
    for amount, period in charges:
        sums.add_long(scope, *period, int(amount.scaleb(sums.digits)))
    (pools,) = sums.split({"USD": total})
    assert sum(pools.amount.tolist()) == total


def test_a_price_book_counts_minutes_of_device_hours():
    assert price_book_amount(1_350_000_000, 60) == 1_350_000_000
    assert price_book_amount(1_350_000_000, 1) == 22_500_000
    assert price_book_amount(1, 30) == 0
    assert price_book_amount(1, 90) == 2
    assert price_book_amount(5, 0) == 0


def test_negative_device_minutes_are_refused():
    with pytest.raises(ValueError, match="negative"):
        price_book_amount(1, -1)
