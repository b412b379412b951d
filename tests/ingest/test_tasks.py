"""What the schedule asks for."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from attribution.models import Source
from ingest import tasks
from ingest.models import Connection, FeedHour
from ingest.operations.pull import _LOCK as LOCK
from ingest.queries.feeds import Due, open_hours, retries_due
from portal.config.schedule import SCHEDULE
from tests.support.feeds import declare_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
THIS = datetime(2026, 3, 4, 10, tzinfo=UTC)
NOW = THIS + timedelta(minutes=25)


@pytest.fixture
def source() -> Source:
    return declare_source("telemetry", "prometheus", url="http://127.0.0.1:9")


def _read(source: Source, hour: datetime, status: str = "complete", **more: object) -> None:
    FeedHour.objects.create(source=source, hour=hour, status=status, **more)


def test_the_open_hour_and_the_one_before_are_read(source: Source) -> None:
    assert open_hours(NOW) == [Due(source.pk, THIS - HOUR, THIS + HOUR)]
    _read(source, THIS - HOUR)
    assert open_hours(NOW) == [Due(source.pk, THIS - HOUR, THIS + HOUR)]


def test_hours_that_were_missed_are_caught_up_for_a_day(source: Source) -> None:
    _read(source, THIS - 5 * HOUR)
    assert open_hours(NOW) == [Due(source.pk, THIS - 4 * HOUR, THIS + HOUR)]
    FeedHour.objects.update(hour=THIS - 30 * HOUR)
    assert open_hours(NOW) == [Due(source.pk, THIS - HOUR, THIS + HOUR)]


def test_sources_that_are_no_servers_or_not_active_are_not_asked(source: Source) -> None:
    declare_source("file", "openmetrics")
    Source.objects.filter(pk=source.pk).update(active=False)
    _read(source, THIS - 9 * HOUR, "incomplete", next_try_at=NOW - HOUR)
    assert open_hours(NOW) == []
    assert retries_due(NOW) == []


def test_hours_whose_next_try_is_due_are_read_again_together(source: Source) -> None:
    for back in (9, 8, 5):
        _read(source, THIS - back * HOUR, "incomplete", next_try_at=NOW - HOUR)
    _read(source, THIS - 4 * HOUR, "incomplete", next_try_at=NOW + HOUR)
    assert retries_due(NOW) == [
        Due(source.pk, THIS - 9 * HOUR, THIS - 7 * HOUR),
        Due(source.pk, THIS - 5 * HOUR, THIS - 4 * HOUR),
    ]


def test_retries_are_sent_for_once_and_come_up_again_if_that_gets_lost(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.pull, "delay", lambda *arguments: None)
    for back in range(60, 30, -1):
        _read(source, THIS - back * HOUR, "incomplete", next_try_at=THIS)
    assert tasks.pull_open_hours() == 1 + 2  # thirty hours are two tasks
    assert tasks.pull_open_hours() == 1
    assert len(retries_due(datetime.now(UTC) + timedelta(minutes=16))) == 2


def test_a_task_leaves_a_source_alone_that_somebody_reads(source: Source) -> None:
    reader = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None})
    with reader, reader.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, source.pk])
        assert tasks.pull(source.pk, THIS.isoformat(), (THIS + HOUR).isoformat()) == {
            "samples": 0,
            "failed": 0,
        }
    reader.close()
    assert not FeedHour.objects.exists()


def test_one_task_is_sent_for_each_span(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks.pull, "delay", lambda *arguments: sent.append(arguments))
    assert tasks.pull_open_hours() == 1
    assert [row[0] for row in sent] == [source.pk]


def test_a_task_that_cannot_reach_its_source_ends_well_and_notes_it(source: Source) -> None:
    Connection.objects.update(signals=["dcgm"], settings={"url": "http://127.0.0.1:9", "timeout": 1})
    assert tasks.pull(source.pk, THIS.isoformat(), (THIS + HOUR).isoformat()) == {"samples": 0, "failed": 1}
    assert "refused" in FeedHour.objects.get().error


def test_the_schedule_asks_every_five_minutes() -> None:
    line = next(line for line in SCHEDULE.values() if line["task"] == "ingest.pull_open_hours")
    assert "*/5" in str(line["schedule"])
