"""The same facts and rules give the same bytes, however the work is cut and in whatever order facts came."""

import random
from datetime import timedelta

import pytest
from django.db import connection

from attribution.operations.attribute_windows import Attributed, attribute_range
from attribution.operations.windows import mark_span_dirty
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, reserve, small_fleet

pytestmark = pytest.mark.django_db
HOURS = [HOUR + timedelta(hours=hour) for hour in range(6)]
END = HOURS[-1] + timedelta(hours=1)


def facts(fleet: Fleet, order: list[int]) -> None:
    """Six hours of devices and requests, recorded hour by hour in this order."""
    for place in order:
        hour = HOURS[place]
        devices_hour(
            fleet,
            hour,
            {f"n{number}": {"busy": [(number * place % 7) / 10] * 60} for number in range(1, 6)},
        )
        rows = [
            {"tenant": name, "requests": 1 + place, "duration_us": 7 * place + number}
            for number, name in enumerate("abc")
        ]
        random.Random(order[0]).shuffle(rows)
        requests_hour(fleet, hour, rows)


def hashes() -> list[tuple[object, ...]]:
    """Hash of every current version."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT cluster_id, hour, lines_hash FROM ledger_version
                 JOIN attribution_window USING (cluster_id, hour, version) ORDER BY 1, 2"""
        )
        return [(cluster, hour, bytes(digest)) for cluster, hour, digest in cursor.fetchall()]


@pytest.fixture
def fleet() -> Fleet:
    """Priced, with both kinds of reserve."""
    fleet = small_fleet()
    price(fleet, 1_234_567_891)
    reserve(fleet, "warm", 1)
    reserve(fleet, "failover", 1)
    return fleet


def test_hour_by_hour_and_all_at_once_give_the_same_bytes(fleet: Fleet) -> None:
    facts(fleet, [0, 1, 2, 3, 4, 5])
    assert attribute_range(HOURS[0], END).published == 12
    at_once = hashes()
    mark_span_dirty(cluster_id=None, start=None, end=None)
    for hour in reversed(HOURS):
        assert attribute_range(hour, hour + timedelta(hours=1)) == Attributed(2, 0)
    assert hashes() == at_once


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]])
def test_facts_in_another_order_change_nothing(fleet: Fleet, order: list[int]) -> None:
    facts(fleet, [0, 1, 2, 3, 4, 5])
    attribute_range(HOURS[0], END)
    before = hashes()
    facts(fleet, order)
    assert attribute_range(HOURS[0], END).published == 0
    assert hashes() == before


def test_a_changed_price_changes_every_hour_once(fleet: Fleet) -> None:
    facts(fleet, [0, 1, 2, 3, 4, 5])
    attribute_range(HOURS[0], END)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE price SET rate_nano = rate_nano + 1")
    mark_span_dirty(cluster_id=None, start=None, end=None)
    # The clusters' six hours are new; what belongs to no cluster has nothing in it but requests.
    assert attribute_range(HOURS[0], END).published == 6
