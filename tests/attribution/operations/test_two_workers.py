"""Two workers on one window, or one message twice, change nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction

from attribution.models import Window
from attribution.operations.attribute_windows import attribute_range
from attribution.tasks import attribute_dirty
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet

pytestmark = pytest.mark.django_db(transaction=True)
DAY = [HOUR + timedelta(hours=hour) for hour in range(12)]
END = DAY[-1] + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _without_facts(transactional_db: None) -> Iterator[None]:
    yield
    empty_facts()


def at_once(count: int, deed: Callable[[], Any]) -> list[Any]:
    """Do it in so many threads, each with a connection of its own, all starting together."""
    start = Barrier(count)

    def one(_: int) -> Any:
        start.wait()
        try:
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def a_day_of_facts() -> Fleet:
    """Twelve hours of two devices and two tenants."""
    fleet = small_fleet()
    price(fleet, 10**9)
    for hour in DAY:
        devices_hour(fleet, hour, {"n1": {"busy": 0.5}, "n2": {}})
        requests_hour(fleet, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 2}])
    return fleet


def one_row(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_each_window_is_published_once_by_four_workers() -> None:
    a_day_of_facts()
    done = at_once(4, lambda: attribute_range(DAY[0], END))
    attribute_range(DAY[0], END)
    assert sum(run.published for run in done) <= 24
    assert set(Window.objects.values_list("version", "dirty_at")) == {(1, None)}
    lines, amount = one_row("SELECT count(*), sum(amount_nano) FROM ledger_line")
    assert (lines, amount) == (12 * 3, 24 * 10**9)
    assert one_row("SELECT sum(amount_nano) FROM daily_cost") == (24 * 10**9,)


def test_a_message_that_comes_twice_finds_nothing_to_do() -> None:
    a_day_of_facts()
    assert attribute_dirty()["published"] == 24
    assert attribute_dirty() == {"windows": 0, "published": 0, "failed": 0, "adjusted": 0, "late": 0}


def test_facts_that_change_under_a_running_attribution_are_not_missed() -> None:
    fleet = a_day_of_facts()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM attribution_window ORDER BY cluster_id, hour FOR UPDATE")

        def change() -> None:
            try:
                devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
            finally:
                connections.close_all()

        later = pool.submit(change)
        # The attribution that holds the windows publishes what it has read, and lets go.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE attribution_window SET dirty_at = NULL")
        assert not later.done()
        transaction.on_commit(lambda: later.result(timeout=20))
    dirty = list(Window.objects.filter(dirty_at__isnull=False).values_list("hour", flat=True))
    assert set(dirty) == {HOUR}
