"""LiteLLM #27780, #29568, #24999: a wider zone shows 8.78 for a true 0.99, the days exceed their range by
half, and month-to-date holds the day before.

Here an hour belongs to one day of one reporting time zone, on days of 23, 24, 24½ and 25 hours.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.domain.hours import day_bounds
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from tests.support.books import HOUR, fill, small_books

pytestmark = pytest.mark.django_db
# Zones with the moment of a change of their clocks (or any moment, where there is none).
CHANGES = {
    "UTC": datetime(2026, 3, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 3, 8, 7, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, tzinfo=UTC),
    "America/St_Johns": datetime(2026, 11, 1, 4, tzinfo=UTC),
    "Pacific/Chatham": datetime(2026, 4, 4, 14, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 2, 28, 20, tzinfo=UTC),
    "Pacific/Kiritimati": datetime(2026, 2, 28, 12, tzinfo=UTC),
    "Pacific/Pago_Pago": datetime(2026, 3, 1, 12, tzinfo=UTC),
}


def by_currency(rows: Any) -> dict[str, tuple[int, Decimal]]:
    """Amounts to the nano-unit, and minutes to a thousandth: they are told to a millionth, row by row."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in rows:
        amount, minutes = sums.get(row.currency, (0, Decimal(0)))
        added = row.device_minutes or Decimal(0)
        sums[row.currency] = amount + (row.amount_nano or 0), minutes + added
    return {currency: (amount, round(minutes, 3)) for currency, (amount, minutes) in sums.items()}


@pytest.mark.parametrize("zone", CHANGES)
def test_days_sum_to_their_range_and_each_is_its_own(zone: str) -> None:
    books = small_books(zone)
    middle = CHANGES[zone]
    fill(books, middle - 28 * HOUR, 56)
    where = ZoneInfo(zone)
    days = [(middle.astimezone(where) + timedelta(days=n)).date() for n in range(-2, 3)]
    start, end = day_bounds(days[0], where)[0], day_bounds(days[-1], where)[1]
    table = costs_by(start, end, (CostDimension.DAY,))
    whole = by_currency(costs_by(start, end, ()).rows)
    assert whole
    assert by_currency(table.rows) == whole
    assert by_currency(costs_by(start, end, (CostDimension.HOUR,)).rows) == whole
    for day in days:
        alone = by_currency(costs_by(*day_bounds(day, where), ()).rows)
        assert alone == by_currency(row for row in table.rows if row.group[0] == day), day


@pytest.mark.parametrize("zone", CHANGES)
def test_a_month_to_date_begins_with_its_first_day(zone: str) -> None:
    where = ZoneInfo(zone)
    first = date(2026, 3, 1)
    books = small_books(zone)
    start = day_bounds(first, where)[0].replace(minute=0)
    fill(books, start - 5 * HOUR, 9)
    table = costs_by(
        day_bounds(first, where)[0], day_bounds(date(2026, 3, 2), where)[1], (CostDimension.DAY,)
    )
    assert {row.group[0] for row in table.rows} == {first}
    hours = costs_by(start - 5 * HOUR, start + 4 * HOUR, (CostDimension.HOUR,))
    inside = [row for row in hours.rows if row.group[0] >= day_bounds(first, where)[0]]
    assert by_currency(inside) == by_currency(table.rows)
