"""Kept states give what strips would give, and count for nothing once what they rest on has changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from attribution.models import Node, Price, ServiceRule, Tenant, TenantRule
from attribution.operations import record_strips
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.windows import mark_dirty, mark_span_dirty
from tests.support.fleet import HOUR, NAN, Fleet, devices_hour, price, requests_hour, reserve, small_fleet

pytestmark = pytest.mark.django_db
HOURS = [HOUR + timedelta(hours=hour) for hour in range(3)]
END = HOURS[-1] + timedelta(hours=1)


@pytest.fixture
def fleet() -> Fleet:
    """Three hours, priced, attributed, with a silent hour of n3 in the middle."""
    fleet = small_fleet()
    price(fleet, 1_234_567_891)
    reserve(fleet, "warm", 1)
    for place, hour in enumerate(HOURS):
        nodes = {
            "n1": {"busy": [0.04, 0.5, 0.0] * 20},
            "n2": {"busy": [0.0] * 59 + [NAN], "pending": [0.0, 3.0] * 30},
            "n3": {"pod": "batch-1"},
            "n4": {"ready": [0.0, 1.0] * 30},
        }
        if place == 1:
            del nodes["n3"]
        if place == 0:
            nodes["n5"] = {"held": [NAN] * 30 + [1.0] * 30, "busy": [NAN] * 30 + [0.5] * 30}
        devices_hour(fleet, hour, nodes)
        requests_hour(fleet, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 2 + place}])
    attribute_range(HOUR, END)
    return fleet


def ledger() -> list[tuple[object, ...]]:
    """Hashes of all current versions, and their utilization."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT cluster_id, hour, lines_hash FROM ledger_version
                 JOIN attribution_window USING (cluster_id, hour, version) ORDER BY 1, 2"""
        )
        hashes = [(cluster, hour, bytes(digest)) for cluster, hour, digest in cursor.fetchall()]
        cursor.execute("SELECT * FROM hourly_utilization ORDER BY 1, 2, 3, 4")
        return hashes + cursor.fetchall()


def again(*, forget: bool = False) -> list[tuple[object, ...]]:
    """The ledger after another attribution of everything, from strips alone with `forget`."""
    with connection.cursor() as cursor:
        if forget:
            cursor.execute("DELETE FROM window_states")
    mark_span_dirty(cluster_id=None, start=None, end=None)
    assert attribute_range(HOUR, END).failed == 0
    return ledger()


def lose_strips() -> None:
    """Strips that are gone, and nobody was told: whoever reads them sees devices without samples."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM device_strip")


def test_kept_states_and_strips_give_the_same_bytes(fleet: Fleet) -> None:
    Price.objects.update(rate_nano=1_000_000_007)
    kept = again()
    assert kept == again(forget=True)


def test_after_another_price_no_strip_is_read(fleet: Fleet) -> None:
    Price.objects.update(rate_nano=1_000_000_007)
    expected = again(forget=True)
    lose_strips()
    Price.objects.update(rate_nano=5)
    again()
    Price.objects.update(rate_nano=1_000_000_007)
    assert again() == expected
    # The sabotage: without what is kept the loss is seen.
    assert again(forget=True) != expected


def _floor(fleet: Fleet) -> None:
    fleet.pool.busy_floor = "0.03"
    fleet.pool.save()


def _globs(fleet: Fleet) -> None:
    fleet.pool.nodes = ["n1", "n2"]
    fleet.pool.save()


def _service_rule(fleet: Fleet) -> None:
    ServiceRule.objects.create(service=fleet.service, kind="pod", pattern="ns/batch-*")


def _namespace(fleet: Fleet) -> None:
    TenantRule.objects.create(kind="namespace", pattern="ns", tenant=Tenant.objects.get(name="a"))


def _declared_node(fleet: Fleet) -> None:
    Node.objects.create(cluster=fleet.cluster, name="n9", declared=True)


def _longer_life(fleet: Fleet) -> None:
    Node.objects.filter(name="n5").update(declared=True)


def _strips(fleet: Fleet) -> None:
    devices_hour(fleet, HOURS[1], {"n1": {"busy": 0.9}, "n2": {}, "n4": {}})


CHANGES = [_floor, _globs, _service_rule, _namespace, _declared_node, _longer_life, _strips]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_whatever_states_rest_on_makes_them_count_anew(fleet: Fleet, change: Callable[[Fleet], None]) -> None:
    before = ledger()
    change(fleet)
    kept = again()
    assert kept != before
    assert kept == again(forget=True)


def test_strips_recorded_without_a_word_would_be_missed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage twin of the case above: why writers of strips have to say so."""
    monkeypatch.setattr(
        record_strips,
        "mark_dirty",
        lambda *, cluster_id, hours, strips: mark_dirty(cluster_id=cluster_id, hours=hours),
    )
    _strips(fleet)
    assert again() != again(forget=True)


def test_a_new_pod_elsewhere_does_not_make_old_hours_count_anew(fleet: Fleet) -> None:
    expected = again(forget=True)
    devices_hour(fleet, END + timedelta(hours=9), {"n6": {"pod": "chat-new"}})
    lose_strips()
    assert again() == expected
