"""From a real Prometheus to facts in a real database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection

from attribution.models import Source
from ingest.models import Connection, FeedHour, FeedStatus, Rejection
from ingest.operations.pull import Pulled, pull_window
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.fleet import Fleet, small_fleet
from tests.support.telemetry import START

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
END = START + 3 * HOUR
LATER = END + HOUR


@pytest.fixture
def fleet(small_fleet_url: str) -> Fleet:
    made = small_fleet()
    _connect(made.telemetry, small_fleet_url)
    return made


@pytest.fixture
def proxy(small_fleet_url: str) -> Iterator[FaultProxy]:
    with fault_proxy(small_fleet_url) as proxy:
        yield proxy


def _connect(source: Source, url: str) -> None:
    Connection.objects.update_or_create(
        source=source,
        defaults={
            "settings": {"url": url, "timeout": 3},
            "signals": ["dcgm", "kube_state_metrics", "vllm", "litellm", "locality_egress"],
        },
    )


def pull(fleet: Fleet, start: datetime = START, end: datetime = END, now: datetime = LATER) -> list[Pulled]:
    return list(pull_window(source_id=fleet.telemetry.pk, start=start, end=end, now=now))


def query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


SIGNALS = ("node_ready", "held", "ready", "busy", "pending")


def strips(fleet: Fleet) -> dict[tuple[str, int, str], dict[str, np.ndarray]]:
    """Signals by device, hour of the day and pod ("" for nobody)."""
    devices = dict(query("SELECT id, uuid FROM device"))
    holders = {0: ""} | dict(query("SELECT id, pod FROM holder"))
    rows = query(
        """SELECT device_id, extract(hour FROM hour AT TIME ZONE 'UTC')::int, holder_id,
                  node_ready, held, ready, busy, pending FROM device_strip"""
    )
    found = {}
    for device, hour, holder, *signals in rows:
        arrays = [np.array(values or [np.nan] * 60, dtype=np.float32) for values in signals]
        found[devices[device], hour, holders[holder]] = dict(zip(SIGNALS, arrays, strict=True))
    return found


def test_a_window_becomes_strips_usage_and_transfers(fleet: Fleet) -> None:
    part = pull(fleet)[0]
    assert (part.error, part.rejected) == ("", 0)
    found = strips(fleet)
    held = {key for key in found if key[2]}
    assert {pod for _, _, pod in held} == {"chat-a", "chat-b", "chat-c", "chat-d"}
    free = found["GPU-n1-1", 10, ""]
    assert (free["held"] == 0).all()
    assert (free["busy"] == 0).all()
    assert (found["GPU-n1-0", 10, "chat-a"]["pending"] == 7).all()  # 1 + 2 running in two engines, 4 waiting


def test_a_device_that_changes_hands_has_two_rows_with_disjoint_minutes(fleet: Fleet) -> None:
    pull(fleet)
    found = strips(fleet)
    before, after = found["GPU-n2-0", 11, "chat-b"], found["GPU-n2-0", 11, "chat-c"]
    assert np.flatnonzero(before["held"] == 1).tolist() == list(range(20))
    assert np.flatnonzero(after["held"] == 1).tolist() == list(range(20, 60))
    assert np.isnan(before["busy"][20:]).all()
    assert np.flatnonzero(after["ready"] == 0).tolist() == list(range(20, 26))  # it loads its model


def test_a_cordoned_node_is_not_ready(fleet: Fleet) -> None:
    pull(fleet)
    ready = strips(fleet)["GPU-n2-0", 10, "chat-b"]["node_ready"]
    assert np.flatnonzero(ready == 0).tolist() == list(range(30, 40))


def test_a_silent_device_of_a_node_that_is_down_is_unready_and_not_forgotten(fleet: Fleet) -> None:
    pull(fleet, START, START + HOUR)
    pull(fleet, START + HOUR, END)  # the device was seen an hour ago only
    silent = strips(fleet)["GPU-n3-0", 11, ""]
    assert (silent["node_ready"] == 0).all()
    assert np.isnan(silent["held"]).all()
    assert "GPU-n3-0" in {uuid for uuid, hour, _ in strips(fleet) if hour == 12}  # under its other spelling


def test_hours_read_one_by_one_are_the_hours_read_at_once(fleet: Fleet) -> None:
    pull(fleet)
    at_once = strips(fleet), query("SELECT * FROM usage_hour ORDER BY 2, 6, 7, 9"), _transfers()
    for hour in range(3):
        pull(fleet, START + hour * HOUR, START + (hour + 1) * HOUR)
    found = strips(fleet)
    assert found.keys() == at_once[0].keys()
    for key, signals in found.items():
        for name, values in signals.items():
            np.testing.assert_array_equal(values, at_once[0][key][name], err_msg=f"{key} {name}")
    assert query("SELECT * FROM usage_hour ORDER BY 2, 6, 7, 9") == at_once[1]
    assert _transfers() == at_once[2]


def _transfers() -> list[tuple[Any, ...]]:
    return query(
        """SELECT extract(hour FROM hour)::int, class, value, bytes FROM transfer_hour t
             JOIN label l ON l.id = t.pod_label_id ORDER BY 1, 2"""
    )


def test_counters_become_hours_through_resets_and_births(fleet: Fleet) -> None:
    pull(fleet)
    rows = query(
        """SELECT extract(hour FROM hour)::int, level, coalesce(s.value, ''), coalesce(t.value, ''), outcome,
                  requests, output_tokens
             FROM usage_hour u LEFT JOIN label s ON s.id = service_label_id
             LEFT JOIN label t ON t.id = tenant_label_id ORDER BY 1, 2, 3, 4, 5"""
    )
    # The first sample of all is only a start: 59 steps in the first hour. At 11:30 the runtime began anew,
    # and its first sample after that is 0.
    assert [row for row in rows if row[1] == "engine"] == [
        (10, "engine", "ns/chat-a", "", "failed", 59, None),
        (10, "engine", "ns/chat-a", "", "success", 118, 5900),
        (11, "engine", "ns/chat-a", "", "failed", 59, None),
        (11, "engine", "ns/chat-a", "", "success", 118, 5900),
        (12, "engine", "ns/chat-a", "", "failed", 60, None),
        (12, "engine", "ns/chat-a", "", "success", 120, 6000),
    ]
    # Team t-2 came at 11:15 with its first request; its alias reads "None", so its id names it.
    assert [row for row in rows if row[1] == "gateway" and row[0] == 11] == [
        (11, "gateway", "llama", "", "success", 60, None),
        (11, "gateway", "llama", "search", "success", 180, None),
        (11, "gateway", "llama", "t-2", "failed", 7, None),
        (11, "gateway", "llama", "t-2", "success", 45, None),
    ]
    assert _transfers()[:2] == [
        (10, "inter_zone", "ns/chat-a", 59 * 500),
        (10, "internet", "ns/chat-a", 59 * 1_000_000),
    ]


def test_each_hour_says_how_it_was_read(fleet: Fleet) -> None:
    pull(fleet)
    hours = list(
        FeedHour.objects.order_by("hour").values_list("status", "minutes", "rejected", "attempts", "error")
    )
    assert hours == [("complete", 60, 0, 0, "")] * 3
    first = FeedHour.objects.earliest("hour")
    assert first.last_sample_at == START + timedelta(minutes=59)
    assert first.read_at == LATER
    assert first.next_try_at is None


def test_an_hour_that_is_not_over_is_incomplete_without_an_error(fleet: Fleet) -> None:
    pull(fleet, END - HOUR, END, now=END - timedelta(minutes=10))
    hour = FeedHour.objects.get()
    assert (hour.status, hour.error) == ("incomplete", "")
    assert hour.next_try_at == END + timedelta(seconds=90)
    pull(fleet, END - HOUR, END, now=END + timedelta(seconds=91))
    assert FeedHour.objects.get().status == "complete"


def test_a_source_that_forgot_its_past_changes_nothing(fleet: Fleet) -> None:
    pull(fleet)
    before = strips(fleet)
    Connection.objects.update(signals=["cadvisor"])  # whose metrics it does not have
    pull(fleet)
    assert strips(fleet).keys() == before.keys()
    assert set(FeedHour.objects.values_list("status", flat=True)) == {FeedStatus.EMPTY}


@pytest.mark.parametrize("fault", ["500", "reset", "cut", "truncated json", "error", "warnings", "redirect"])
def test_an_answer_that_is_not_whole_leaves_everything_as_it_was(
    fleet: Fleet, proxy: FaultProxy, fault: str
) -> None:
    pull(fleet)
    before, usage = strips(fleet), query("SELECT * FROM usage_hour ORDER BY 2, 6, 7, 9")
    _connect(fleet.telemetry, proxy.url)
    proxy.fault = fault
    part = pull(fleet)[0]
    assert part.error
    after = strips(fleet)
    assert after.keys() == before.keys()
    assert query("SELECT * FROM usage_hour ORDER BY 2, 6, 7, 9") == usage
    hour = FeedHour.objects.earliest("hour")
    assert (hour.status, hour.attempts, hour.samples > 0) == ("incomplete", 1, True)
    assert hour.error == part.error
    if fault == "warnings":
        assert "store-2" in hour.warnings[0]


def test_tries_are_spaced_ever_wider_until_one_succeeds(fleet: Fleet, proxy: FaultProxy) -> None:
    _connect(fleet.telemetry, proxy.url)
    proxy.fault = "422"
    waits = []
    for _ in range(12):
        pull(fleet, START, START + HOUR)
        waits.append(FeedHour.objects.get().next_try_at - LATER)
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert query("SELECT count(*) FROM device_strip") == [(0,)]
    proxy.fault = ""
    pull(fleet, START, START + HOUR)
    hour = FeedHour.objects.get()
    assert (hour.status, hour.error, hour.attempts, hour.next_try_at) == ("complete", "", 0, None)


def test_impossible_samples_are_kept_as_rejections_by_signal_and_hour(
    fleet: Fleet, proxy: FaultProxy
) -> None:
    _connect(fleet.telemetry, proxy.url)
    Connection.objects.update(signals=["dcgm"])
    proxy.fault = "1e308"
    for _ in range(2):  # the second reading replaces the first's
        (part,) = pull(fleet, START, START + HOUR)
        assert part.rejected == 2
        assert sorted(Rejection.objects.values_list("column", flat=True)) == [
            "DCGM_FI_DEV_FB_USED",
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
        ]
    row = Rejection.objects.first()
    assert row is not None
    assert (row.hour, row.found) == (START, "1 minutes of series with another value")
    assert FeedHour.objects.get().rejected == 2


def test_a_missing_token_is_named(fleet: Fleet) -> None:
    settings = Connection.objects.get().settings | {"bearer_token_env": "NO_SUCH_TOKEN"}
    Connection.objects.update(settings=settings)
    part = pull(fleet)[0]
    assert part.error == "the environment variable NO_SUCH_TOKEN is not set"


def test_devices_without_a_cluster_are_refused(fleet: Fleet) -> None:
    Source.objects.filter(pk=fleet.telemetry.pk).update(cluster=None)
    part = pull(fleet)[0]
    assert "no cluster" in part.error


def test_a_large_source_is_read_in_smaller_parts(fleet: Fleet) -> None:
    assert (
        len(pull(fleet)) == 2
    )  # 10:00 to 12:00, and on from there: parts end where a clock of six hours does
    FeedHour.objects.update(series=50_000)
    assert [part.span.hours for part in pull(fleet)] == [1, 1, 1]


def test_two_sources_that_tell_of_the_same_devices_are_refused(fleet: Fleet, small_fleet_url: str) -> None:
    pull(fleet)
    other = Source.objects.create(name="other", kind="prometheus", cluster=fleet.cluster)
    _connect(other, small_fleet_url)
    part = next(pull_window(source_id=other.pk, start=START, end=END, now=LATER))
    assert "another source of the cluster" in part.error
    assert FeedHour.objects.filter(source=other, status="incomplete").count() == 2
    assert query("SELECT DISTINCT source_id FROM device_strip") == [(fleet.telemetry.pk,)]


def test_strips_mark_their_windows_dirty(fleet: Fleet) -> None:
    pull(fleet)
    dirty = query("SELECT cluster_id, count(*) FROM attribution_window WHERE dirty_at IS NOT NULL GROUP BY 1")
    assert dict(dirty)[fleet.cluster.pk] == 3
