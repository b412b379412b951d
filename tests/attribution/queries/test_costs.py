"""Costs by any dimensions, against the sum of lines one at a time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from attribution.domain.hours import day_bounds
from attribution.queries.costs import CostTable, costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.filters import CostFilters
from attribution.queries.scope import TenantScope
from attribution.queries.status import Status
from tests.oracles.naive_books import current_lines, naive_costs
from tests.support.books import HOUR, Books, fill, small_books
from tests.support.ledger import CostPool, Line, publish_window

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]


def as_sums(table: CostTable) -> dict[tuple[Any, ...], tuple[int | None, int]]:
    """In the oracle's form."""
    return {(*row.group, row.currency): (row.amount_nano, row.unpriced_lines) for row in table.rows}


def to_the_microminute(rows: Iterable[Any]) -> list[Any]:
    """Quantities are floats in the ledger, so sums of them differ beyond fifteen digits."""
    return [row._replace(device_minutes=round(row.device_minutes or Decimal(0), 6)) for row in rows]


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 3)
    fill(made, DAY + 30 * HOUR, 2, seed=2)
    return made


@pytest.mark.parametrize("end", [DAY + 2 * 24 * HOUR, DAY + 31 * HOUR], ids=["whole days", "hours"])
@pytest.mark.parametrize("width", [0, 1, 2])
def test_any_grouping_gives_the_sums_of_the_lines(books: Books, end: datetime, width: int) -> None:
    for group_by in combinations(CostDimension, width):
        expected = naive_costs(DAY, end, group_by)
        assert as_sums(costs_by(DAY, end, group_by)) == expected, group_by


def test_all_dimensions_at_once_lose_nothing(books: Books) -> None:
    table = costs_by(DAY, DAY + 48 * HOUR, list(CostDimension))
    assert as_sums(table) == naive_costs(DAY, DAY + 48 * HOUR, tuple(CostDimension))


def test_whole_days_say_the_same_from_roll_ups_and_from_lines(books: Books) -> None:
    by = [CostDimension.TENANT, CostDimension.USE, CostDimension.DAY]
    days = costs_by(DAY, DAY + 48 * HOUR, by)
    lines = costs_by(DAY, DAY + 48 * HOUR, [*by, CostDimension.HOUR])
    assert days.span.days == (date(2026, 3, 4), date(2026, 3, 6))
    summed: dict[Any, int] = {}
    for row in lines.rows:
        key = (*row.group[:-1], row.currency)
        summed[key] = summed.get(key, 0) + (row.amount_nano or 0)
    assert summed == {(*row.group, row.currency): row.amount_nano or 0 for row in days.rows}
    assert to_the_microminute(days.totals) == to_the_microminute(lines.totals)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [(3, 8), (11, 1), (4, 5), (10, 4)], ids=str)
def test_days_sum_to_the_range_in_any_zone_and_across_its_clock_changes(
    zone: str, change: tuple[int, int]
) -> None:
    # New York's clocks change on 8 March and 1 November 2026, Lord Howe's on 5 April and 4 October.
    made = small_books(zone)
    night = datetime(2026, *change, tzinfo=UTC)
    for place in range(-30, 30, 3):
        line = Line("idle", 1000 + place)
        publish_window(made.clusters["east"].pk, night + place * HOUR, [CostPool([line])])
    start, end = night - timedelta(days=4), night + timedelta(days=4)
    whole = costs_by(start, end, [])
    by_day = costs_by(start, end, [CostDimension.DAY])
    by_hour = costs_by(start, end, [CostDimension.HOUR])
    total = sum(line["amount"] for line in current_lines(start, end))
    for table in (whole, by_day, by_hour):
        assert sum(row.amount_nano or 0 for row in table.rows) == total
    assert as_sums(by_day) == naive_costs(start, end, ("day",), zone)


@pytest.mark.parametrize("zone", ZONES)
def test_each_whole_local_day_is_answered_alike_by_roll_ups_and_lines(zone: str) -> None:
    made = small_books(zone)
    fill(made, datetime(2026, 3, 7, 20, tzinfo=UTC), 30)
    by_day = costs_by(DAY, DAY + timedelta(days=8), [CostDimension.DAY])
    for day in {row.group[0] for row in by_day.rows}:
        assert isinstance(day, date)
        one = costs_by(*day_bounds(day, by_day.span.zone), [CostDimension.DAY])
        assert one.span.days == (day, day + timedelta(days=1))
        of_day = [row for row in by_day.rows if row.group[0] == day]
        assert to_the_microminute(one.rows) == to_the_microminute(of_day)


def test_a_filter_keeps_what_it_names(books: Books) -> None:
    retail = books.tenants["retail"].pk
    table = costs_by(DAY, DAY + 3 * HOUR, [CostDimension.USE], CostFilters(tenant=frozenset({retail, 0})))
    assert as_sums(table) == naive_costs(
        DAY, DAY + 3 * HOUR, ("use",), keep=lambda line: line["tenant"] in ("retail", None)
    )
    both = CostFilters(use=frozenset({"serving"}), pool=frozenset({books.pools["east"].pk}))
    assert as_sums(costs_by(DAY, DAY + 24 * HOUR, [CostDimension.TENANT], both)) == naive_costs(
        DAY, DAY + 24 * HOUR, ("tenant",),
        keep=lambda line: line["use"] == "serving" and line["pool"] == "east/a100",
    )  # fmt: skip


def test_a_bound_reader_sees_its_subtree_and_no_platform_line(books: Books) -> None:
    scope = TenantScope(frozenset({books.tenants["retail"].pk}))
    own = ("retail", "chat-team", "search-team")
    for end in (DAY + 24 * HOUR, DAY + 2 * HOUR):
        table = costs_by(DAY, end, [CostDimension.TENANT, CostDimension.USE], tenants=scope)
        expected = naive_costs(DAY, end, ("tenant", "use"), keep=lambda line: line["tenant"] in own)
        assert as_sums(table) == expected
        assert sum(total.amount_nano or 0 for total in table.totals) == sum(
            a or 0 for a, _ in expected.values()
        )


def test_filtering_beyond_the_scope_matches_nothing(books: Books) -> None:
    scope = TenantScope(frozenset({books.tenants["retail"].pk}))
    for tenant in (books.tenants["bank"].pk, 0, 999_999):
        found = costs_by(DAY, DAY + 24 * HOUR, [], CostFilters(tenant=frozenset({tenant})), scope)
        assert found.rows == found.totals == ()


def test_currencies_are_never_added(books: Books) -> None:
    table = costs_by(DAY, DAY + 24 * HOUR, [CostDimension.DAY])
    assert [total.currency for total in table.totals] == ["EUR", "USD"]
    assert [row.currency for row in table.rows] == ["EUR", "USD"]


def test_what_is_unpriced_is_unknown_and_counted_not_zero(books: Books) -> None:
    table = costs_by(DAY, DAY + 24 * HOUR, [CostDimension.USE])
    (idle,) = [row for row in table.rows if row.group == ("idle",)]
    assert (idle.amount_nano, idle.unpriced_lines) == (None, 6)


def test_only_the_current_version_counts() -> None:
    made = small_books()
    cluster = made.clusters["east"].pk
    publish_window(cluster, DAY, [CostPool([Line("idle", 5)])])
    publish_window(cluster, DAY, [CostPool([Line("idle", 7)], estimated=False)])
    for end in (DAY + 24 * HOUR, DAY + HOUR):
        (row,) = costs_by(DAY, end, []).rows
        assert (row.amount_nano, row.status) == (7, Status.INVOICED)


def test_a_row_says_whether_it_is_estimated_invoiced_or_both() -> None:
    made = small_books()
    lines = [Line("idle", 5)]
    publish_window(made.clusters["east"].pk, DAY, [CostPool(lines), CostPool(lines, estimated=False)])
    publish_window(made.clusters["west"].pk, DAY, [CostPool(lines)])
    rows = costs_by(DAY, DAY + HOUR, [CostDimension.CLUSTER]).rows
    assert [(row.group[0], row.status) for row in rows] == [
        ("east", Status.MIXED),
        ("west", Status.ESTIMATED),
    ]


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="is not after"):
        costs_by(DAY, DAY, [])
