"""Which days are shown, and which they are compared with."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.costs.period import Compare, Preset, overview_days, preset_days, shifted, today

NOW = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)


def test_month_to_date_runs_to_today_while_data_is_of_this_month() -> None:
    now = today(NOW, datetime(2026, 11, 22, tzinfo=UTC), ZoneInfo("UTC"))
    assert preset_days(Preset.MONTH_TO_DATE, now) == (date(2026, 11, 1), date(2026, 11, 22))
    assert now.first_open == date(2026, 11, 22)


def test_periods_end_where_old_data_ends() -> None:
    now = today(NOW, datetime(2022, 5, 4, tzinfo=UTC), ZoneInfo("UTC"))
    assert now.behind
    assert preset_days(Preset.MONTH_TO_DATE, now) == (date(2022, 5, 1), date(2022, 5, 3))
    assert preset_days(Preset.LAST_MONTH, now) == (date(2022, 4, 1), date(2022, 4, 30))
    assert preset_days(Preset.SEVEN_DAYS, now) == (date(2022, 4, 27), date(2022, 5, 3))


@pytest.mark.parametrize(
    ("first", "last", "base"),
    [
        ("2026-11-01", "2026-11-21", ("2026-10-01", "2026-10-22")),
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-03-01")),
        ("2026-02-01", "2026-02-28", ("2026-01-01", "2026-02-01")),
        ("2026-03-31", "2026-03-31", ("2026-02-28", "2026-03-01")),
        ("2026-01-15", "2026-02-20", ("2025-11-15", "2025-12-21")),
    ],
)
def test_the_same_days_a_month_before(first: str, last: str, base: tuple[str, str]) -> None:
    now = today(NOW, NOW, ZoneInfo("UTC"))
    days = overview_days(date.fromisoformat(first), date.fromisoformat(last), Compare.MONTH, now)
    assert (days.base_first.isoformat(), days.base_after.isoformat()) == base


def test_a_day_is_complete_in_the_reporting_zone() -> None:
    complete = datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert today(NOW, complete, ZoneInfo("Europe/Berlin")).first_open == date(2026, 11, 22)
    assert today(NOW, complete, ZoneInfo("UTC")).first_open == date(2026, 11, 21)


@given(
    st.dates(date(2020, 1, 1), date(2026, 11, 22)),
    st.integers(0, 400),
    st.sampled_from(list(Compare)),
    st.integers(-500, 500),
)
def test_a_baseline_lies_before_its_range_and_never_overlaps(
    first: date, length: int, compare: Compare, complete: int
) -> None:
    last = first + timedelta(days=length)
    until = datetime.combine(first + timedelta(days=complete), datetime.min.time(), UTC)
    days = overview_days(first, last, compare, today(NOW, until, ZoneInfo("UTC")))
    assert days.base_first <= days.base_after <= days.first <= days.firm <= days.after


@given(st.dates(date(1990, 1, 31), date(2200, 1, 1)), st.integers(0, 400))
def test_a_shifted_day_is_in_the_month_that_was_meant(day: date, months: int) -> None:
    back = shifted(day, months)
    assert (day.year - back.year) * 12 + day.month - back.month == months
    assert back.day <= day.day


@pytest.mark.parametrize(
    ("oldest", "compared", "base"),
    [
        ("2026-09-30", ("2026-11-01", "2026-11-22"), ("2026-10-01", "2026-10-22")),
        ("2026-10-01", ("2026-11-01", "2026-11-22"), ("2026-10-01", "2026-10-22")),
        ("2026-10-10", ("2026-11-10", "2026-11-22"), ("2026-10-10", "2026-10-22")),
        ("2026-10-21", ("2026-11-21", "2026-11-22"), ("2026-10-21", "2026-10-22")),
        ("2026-10-22", ("2026-11-01", "2026-11-22"), ("2026-11-01", "2026-11-01")),
        ("2026-11-05", ("2026-11-01", "2026-11-22"), ("2026-11-01", "2026-11-01")),
    ],
)
def test_days_before_the_ledger_began_are_not_compared_nor_are_their_counterparts(
    oldest: str, compared: tuple[str, str], base: tuple[str, str]
) -> None:
    now = replace(
        today(NOW, datetime(2026, 11, 22, tzinfo=UTC), ZoneInfo("UTC")), oldest=date.fromisoformat(oldest)
    )
    days = overview_days(date(2026, 11, 1), date(2026, 11, 22), Compare.MONTH, now)
    assert (days.firm_first.isoformat(), days.firm.isoformat()) == compared
    assert (days.base_first.isoformat(), days.base_after.isoformat()) == base
