"""Publish, a worker in its own process, an effect in the database: on every broker that can be had."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokers.conftest import Route
from tests.brokers.programs import rabbitmq, redis, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.xdist_group("brokers")]
BROKERS = ["pgmq", "redis", "valkey", "rabbitmq"]


@contextmanager
def started(kind: str, folder: Path) -> Iterator[str]:
    """The BROKER_URL of a broker that runs for as long as the block."""
    if kind == "pgmq":
        yield ""
    elif kind == "rabbitmq":
        with rabbitmq(folder) as place:
            yield f"amqp://guest:guest@{place}//"
    else:
        # Valkey is not in Debian 12. It speaks Redis' protocol, so its address is tried on Redis.
        with redis(
            folder, *(["redis-server"] if kind == "redis" else ["valkey-server", "redis-server"])
        ) as place:
            yield f"{kind}://{place}/0"


@pytest.mark.parametrize("kind", BROKERS)
def test_a_published_task_is_done_by_a_worker(kind: str, route: Route, tmp_path: Path) -> None:
    with started(kind, tmp_path) as url:
        way = route(url)
        way.publish("probe.note", "published before the worker came")
        with way.worker() as process:
            way.wait_for("published before the worker came", process=process)
            way.publish("probe.note", "published while it runs")
            way.wait_for("published before the worker came", "published while it runs", process=process)


@pytest.mark.parametrize("kind", BROKERS)
def test_a_task_whose_process_is_killed_is_done_again(kind: str, route: Route, tmp_path: Path) -> None:
    with started(kind, tmp_path) as url:
        way = route(url)
        way.publish("probe.die_once", "twice")
        with way.worker() as process:
            way.wait_for("twice", "twice", process=process)


@pytest.mark.parametrize("kind", BROKERS)
def test_a_task_comes_back_when_its_whole_worker_is_killed(kind: str, route: Route, tmp_path: Path) -> None:
    with started(kind, tmp_path) as url:
        way = route(url, PROBE_VISIBILITY="3")
        way.publish("probe.hang_once", "again")
        with way.worker() as process:
            way.wait_for("again", process=process)
            os.killpg(process.pid, signal.SIGKILL)
        with way.worker() as process:
            way.wait_for("again", "again", limit=30, process=process)


def test_two_hundred_tasks_take_seconds_in_the_embedded_queue(route: Route) -> None:
    way = route()
    words = [f"task {number}" for number in range(200)]
    with way.worker("--concurrency=2") as process:
        way.publish("probe.note", "warm")
        way.wait_for("warm", process=process)
        for word in words:
            way.publish("probe.note", word)
        wait_until(lambda: len(way.written()) == 201, "200 tasks", limit=20, process=process)
