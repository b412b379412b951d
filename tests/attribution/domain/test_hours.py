from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.hours import HOUR, day_bounds, floor_hour, hour_count, hours, local_day

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "America/Havana",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ]
).map(ZoneInfo)
# Bounds are naive by Hypothesis' own rule: the zone is drawn apart.
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=ZONES)  # noqa: DTZ001  # bounds


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_an_hour_begins_in_utc_wherever_the_clock_hangs():
    clock = datetime(2026, 3, 1, 12, 15, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert floor_hour(clock) == utc(2026, 3, 1, 6)
    assert floor_hour(clock).tzinfo is UTC


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        floor_hour(datetime(2026, 3, 1))  # noqa: DTZ001  # without a zone on purpose


def test_a_range_touches_its_first_and_last_partial_hour():
    start, end = utc(2026, 3, 1, 0, 30), utc(2026, 3, 1, 2, 1)
    assert list(hours(start, end)) == [utc(2026, 3, 1, hour) for hour in (0, 1, 2)]
    assert hour_count(start, end) == 3
    assert hour_count(start, start) == 0
    assert list(hours(end, start)) == []


def test_an_end_is_exclusive():
    assert hour_count(utc(2026, 3, 1), utc(2026, 3, 2)) == 24


@pytest.mark.parametrize(
    ("zone", "day", "start", "count"),
    [
        ("UTC", date(2026, 3, 1), utc(2026, 3, 1), 24),
        ("Europe/Berlin", date(2026, 3, 29), utc(2026, 3, 28, 23), 23),
        ("Europe/Berlin", date(2026, 10, 25), utc(2026, 10, 24, 22), 25),
        ("Asia/Kolkata", date(2026, 3, 1), utc(2026, 2, 28, 19), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), utc(2026, 4, 4, 13), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), utc(2026, 10, 3, 14), 23),
        ("Asia/Beirut", date(2026, 3, 29), utc(2026, 3, 28, 22), 23),
        ("Pacific/Apia", date(2011, 12, 30), utc(2011, 12, 30, 10), 0),
    ],
)
def test_a_local_day_owns_the_hours_that_start_in_it(zone, day, start, count):
    bounds = day_bounds(day, ZoneInfo(zone))
    assert bounds[0] == start
    assert hour_count(*bounds) == count


@given(MOMENTS, st.integers(0, 24 * 40))
def test_the_days_of_a_range_sum_to_the_range(moment, length):
    zone = moment.tzinfo
    first, last = local_day(moment, zone), local_day(moment + length * HOUR, zone)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    bounds = [day_bounds(day, zone) for day in days]
    assert all(before[1] == after[0] for before, after in pairwise(bounds))
    assert sum(hour_count(*bound) for bound in bounds) == hour_count(bounds[0][0], bounds[-1][1])


@given(MOMENTS)
def test_every_hour_lies_in_the_bounds_of_its_own_day(moment):
    start, end = day_bounds(local_day(moment, moment.tzinfo), moment.tzinfo)
    assert start <= floor_hour(moment) < end
    assert {local_day(hour, moment.tzinfo) for hour in hours(start, end)} == {
        local_day(moment, moment.tzinfo)
    }
