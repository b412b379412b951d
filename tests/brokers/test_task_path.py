"""Publish, a worker in its own process, an effect in the database: on every broker that can be had."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokers.conftest import Route
from tests.brokers.programs import postgresql_15, rabbitmq, redis, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.slow]


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


@pytest.mark.parametrize("kind", ["pgmq", "redis", "rabbitmq"])
def test_a_task_is_done_whoever_is_killed_meanwhile(kind: str, route: Route, tmp_path: Path) -> None:
    with started(kind, tmp_path) as url:
        way = route(url, PROBE_VISIBILITY="5")
        way.publish("probe.note", "before the worker came")
        with way.worker() as process:
            way.wait_for("before the worker came", process=process)
            way.publish("probe.die_once", "its process died")
            done = ["before the worker came", "its process died", "its process died"]
            way.wait_for(*done, process=process)
            way.publish("probe.hang_once", "the whole worker died")
            way.wait_for(*done, "the whole worker died", process=process)
            os.killpg(process.pid, signal.SIGKILL)
        with way.worker() as process:
            way.wait_for(*done, "the whole worker died", "the whole worker died", process=process)


def test_an_address_of_valkey_reaches_it(route: Route, tmp_path: Path) -> None:
    with started("valkey", tmp_path) as url:
        way = route(url)
        way.publish("probe.note", "by way of Valkey")
        with way.worker() as process:
            way.wait_for("by way of Valkey", process=process)


def test_an_own_postgresql_carries_the_data_and_the_queue(route: Route, tmp_path: Path) -> None:
    with postgresql_15(tmp_path) as url:
        way = route(DATABASE_URL=url, APPORTION_HTTPS="off")
        assert way.manage("migrate", "--verbosity=0") == ""
        way.publish("probe.note", "in somebody's own database")
        with way.worker() as process:
            way.wait_for("in somebody's own database", process=process)


def test_two_hundred_tasks_take_seconds_in_the_embedded_queue(route: Route) -> None:
    way = route()
    words = [f"task {number}" for number in range(200)]
    with way.worker("--concurrency=2") as process:
        way.publish("probe.note", "warm")
        way.wait_for("warm", process=process)
        way.publish("probe.note", *words)
        wait_until(lambda: len(way.written()) == 201, "200 tasks", limit=20, process=process)
