"""What clusters served, asked for many hours at once: as if each hour had been asked for by itself."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attribution.models import Cluster, Pool, Source
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.served_elsewhere import served_elsewhere, served_services
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
HOURS = [HOUR + timedelta(hours=number) for number in range(5)]
QUIET = 3  # nobody asked for anything in this hour


@pytest.fixture
def fleet() -> Fleet:
    """Two clusters; the first hour is attributed twice, so it has lines of a version that stands no more."""
    fleet = small_fleet()
    price(fleet, 2 * 10**9)
    _hours(fleet, seconds=1)
    attribute_range(HOURS[0], HOURS[-1] + timedelta(hours=1))
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1, "duration_us": 7}])
    attribute_range(HOURS[0], HOURS[-1] + timedelta(hours=1))
    return fleet


def _hours(fleet: Fleet, seconds: int) -> None:
    other = Cluster.objects.create(name="c2", region=fleet.cluster.region, control_model="hybrid")
    Pool.objects.create(cluster=other, name="p", nodes=["m*"], device_models=["*"], accelerator="H100")
    source = Source.objects.create(name="telemetry2", kind="prometheus", cluster=other)
    second = Fleet(other, fleet.pool, fleet.service, source, fleet.gateway, fleet.bills, fleet.holding)
    for place, hour in enumerate(HOURS):
        devices_hour(fleet, hour, {"n1": {"busy": 0.9}, "n2": {"busy": 0.0}})
        devices_hour(second, hour, {"m1": {"busy": 0.5 * (place % 2)}})
        if place != QUIET:
            rows = [
                {"tenant": name, "requests": 1, "duration_us": seconds + place} for name in "abc"[: place + 1]
            ]
            requests_hour(fleet, hour, rows)


def naively(hour: Any, without: tuple[int, ...] = ()) -> Counter[tuple[int, int, int]]:
    """By service, tenant and model, from the lines as they stand, one by one."""
    found: Counter[tuple[int, int, int]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cluster_id, hour, version, use, service_id, tenant_id, model_id, amount_nano"
            " FROM ledger_line"
        )
        lines = cursor.fetchall()
        cursor.execute("SELECT cluster_id, hour, version FROM attribution_window")
        stands = {(cluster, when): version for cluster, when, version in cursor.fetchall()}
    for cluster, when, version, use, service, tenant, model, amount in lines:
        mine = when == hour and cluster and cluster not in without and stands[(cluster, when)] == version
        if mine and use in ("serving", "serving_failed") and amount:
            found[(service or 0, tenant or 0, model or 0)] += abs(amount)
    return found


def by_tenant(found: Counter[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
    sums: Counter[tuple[int, int]] = Counter()
    for (_, tenant, model), amount in found.items():
        sums[(tenant, model)] += amount
    return dict(sums)


def told(share: Any) -> dict[tuple[int, int], int]:
    return dict(
        zip(zip(share.tenant.tolist(), share.model.tolist(), strict=True), share.weight.tolist(), strict=True)
    )


def test_each_hour_has_what_its_lines_say(fleet: Fleet) -> None:
    for without in ((), (fleet.cluster.pk,)):
        found = served_elsewhere(HOURS, without)
        naive = {hour: by_tenant(naively(hour, without)) for hour in HOURS}
        assert {hour: told(share) for hour, share in found.items()} == {k: v for k, v in naive.items() if v}
    services = served_services(HOURS)
    for hour in HOURS:
        own = {
            (service, *key): amount
            for service, share in services.get(hour, {}).items()
            for key, amount in told(share).items()
        }
        assert own == {key: amount for key, amount in naively(hour).items() if key[0]}


def test_many_hours_are_one_question_with_the_answers_of_many(fleet: Fleet) -> None:
    with CaptureQueriesContext(connection) as asked:
        together = served_elsewhere(HOURS)
    assert len(asked) == 1
    assert len(together) >= 3
    for hour in HOURS:
        alone = served_elsewhere([hour]).get(hour)
        assert (alone is None) == (hour not in together)
        if alone is not None:
            assert told(alone) == told(together[hour])
            assert list(alone.tenant) == list(together[hour].tenant)  # in one order, by which ties go
    assert served_elsewhere([]) == {}
