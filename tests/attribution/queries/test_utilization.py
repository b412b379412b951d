"""Minutes by state."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from attribution.queries.coverage import coverage
from attribution.queries.dimensions import UtilizationDimension
from attribution.queries.filters import CostFilters
from attribution.queries.scope import TenantScope
from attribution.queries.utilization import utilization
from tests.support.books import HOUR, small_books
from tests.support.ledger import USD, CostPool, Devices, Line, Used, publish_window

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)


def test_minutes_are_summed_and_fractions_are_of_what_was_sampled() -> None:
    books = small_books()
    east, chat = books.pools["east"].pk, books.services["chat"].pk
    for place in range(2):
        publish_window(
            books.clusters["east"].pk,
            DAY + place * HOUR,
            [],
            devices=[
                Devices(east, chat, {"serving": 40, "stalled": 20}, 60, 30.0, 30.0),
                Devices(east, 0, {"unallocated": 50, "no_data": 10}, 40, 0.0),
            ],
        )
    (row,) = utilization(DAY, DAY + 2 * HOUR, [UtilizationDimension.POOL]).rows
    assert row.group == ("east/a100",)
    assert (row.device_minutes, row.sampled_minutes) == (240, 200)
    assert (row.busy_fraction, row.serving_busy_fraction) == (Decimal("0.3"), Decimal("0.75"))
    by_service = utilization(DAY, DAY + 2 * HOUR, [UtilizationDimension.SERVICE, UtilizationDimension.HOUR])
    assert [(r.group, r.device_minutes) for r in by_service.rows] == [
        (("chat", DAY), 60),
        (("chat", DAY + HOUR), 60),
        ((None, DAY), 60),
        ((None, DAY + HOUR), 60),
    ]
    assert by_service.total is not None
    assert by_service.total.minutes == row.minutes


def test_a_fraction_of_nothing_is_unknown() -> None:
    books = small_books()
    devices = [Devices(books.pools["east"].pk, 0, {"no_data": 60})]
    publish_window(books.clusters["east"].pk, DAY, [], devices=devices)
    (row,) = utilization(DAY, DAY + HOUR, []).rows
    assert (row.busy_fraction, row.serving_busy_fraction) == (None, None)
    assert utilization(DAY + HOUR, DAY + 2 * HOUR, []).total is None


def test_days_are_those_of_the_reporting_zone() -> None:
    books = small_books("Asia/Kolkata")
    devices = [Devices(books.pools["east"].pk, 0, {"idle": 60}, 60)]
    for hour in (18, 19):
        publish_window(books.clusters["east"].pk, DAY + hour * HOUR, [], devices=devices)
    rows = utilization(DAY, DAY + timedelta(days=2), [UtilizationDimension.DAY]).rows
    assert [(row.group, row.device_minutes) for row in rows] == [
        ((date(2026, 3, 4),), 60),
        ((date(2026, 3, 5),), 60),
    ]


def test_a_filter_keeps_its_pools() -> None:
    books = small_books()
    for name in ("east", "west"):
        devices = [Devices(books.pools[name].pk, 0, {"idle": 60}, 60)]
        publish_window(books.clusters[name].pk, DAY, [], devices=devices)
    found = utilization(DAY, DAY + HOUR, [], CostFilters(cluster=frozenset({books.clusters["west"].pk})))
    assert found.total is not None
    assert found.total.device_minutes == 60


@pytest.mark.parametrize("end", [DAY + HOUR, DAY + 24 * HOUR], ids=["lines", "roll-ups"])
def test_coverage_says_what_figures_rest_on(end: datetime) -> None:
    books = small_books()
    retail = books.tenants["retail"].pk
    lines = [Line("serving", 6 * USD, retail), Line("no_data", 2 * USD, retail, quantity=20.0)]
    billed = CostPool([*lines, Line("billed_not_seen", 2 * USD, quantity=None)], estimated=False)
    publish_window(
        books.clusters["east"].pk,
        DAY,
        [billed],
        [Used(3, 3, tenant=retail), Used(1, 1)],
        [Devices(books.pools["east"].pk, 0, {"serving": 60, "no_data": 20}, 60, 1.0)],
    )
    found = coverage(DAY, end)
    assert (found.device_minutes, found.requests) == (Decimal("0.75"), Decimal("0.75"))
    assert found.bill_amount == {"USD": Decimal("0.8")}
    bound = coverage(DAY, end, tenants=TenantScope(frozenset({retail})))
    assert (bound.device_minutes, bound.requests, bound.bill_amount) == (Decimal("0.75"), None, {})


def test_coverage_of_nothing_is_unknown() -> None:
    found = coverage(DAY, DAY + HOUR)
    assert (found.device_minutes, found.requests, found.bill_amount) == (None, None, {})
