"""Read a span of a live source, and keep what it says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection as database
from psycopg.errors import IntegrityConstraintViolation, UniqueViolation

from attribution.queries.lately import devices_lately
from ingest.models import Connection, FeedHour
from ingest.operations.feed import note_failure, note_read, tally
from ingest.operations.rejections import note_rejected_samples
from ingest.operations.store_span import store_span
from ingest.signals.definition import Signal
from ingest.signals.load import load_signals
from ingest.signals.mistakes import BadSignals
from ingest.sources.errors import SourceError
from ingest.sources.prometheus.client import PrometheusClient
from ingest.sources.prometheus.promql import range_seconds
from ingest.sources.prometheus.read import Answers, read_span
from ingest.telemetry.names import Device
from ingest.telemetry.span import Span

LATELY = timedelta(days=1)
HOURS_AT_ONCE = 6
# 2,000 devices × 6 signals for 6 hours: a worker's peak is some 500 MB with them. More series, fewer hours.
SERIES_HOURS = 72_000
_LOCK = 0x4150_4F52  # a number of ours in the database's list of advisory locks


class Pulled(NamedTuple):
    """What one span gave. `error` is empty when it was read whole."""

    span: Span
    samples: int
    rejected: int
    error: str


def pull_window(
    *, source_id: int, start: datetime, end: datetime, now: datetime, wait: bool = True
) -> Iterator[Pulled]:
    """Read [start, end) (full hours) in parts, and yield what each part gave.

    One reader of a source at a time: `wait` for the other, or else leave it to them and yield nothing.

    A part that cannot be read whole leaves everything as it was and is noted as incomplete, to be tried
    again. Raises ValueError for a source that is no Prometheus, and nothing else that a source can cause.
    """
    connection = Connection.objects.select_related("source").get(source_id=source_id)
    if connection.source.kind != "prometheus":
        raise ValueError(f"{connection.source.name} is a source of kind {connection.source.kind}")
    for span in Span.of(start, end).chunks(_hours_at_once(source_id)):
        with _alone(source_id, wait) as alone:
            pulled = _pull(connection, span, now) if alone else None
        if pulled:
            yield pulled


def _hours_at_once(source_id: int) -> int:
    """How many hours fit into a worker, by the size of the source's last reading."""
    last = FeedHour.objects.filter(source_id=source_id, series__gt=0).order_by("-hour").first()
    return HOURS_AT_ONCE if last is None else max(1, min(HOURS_AT_ONCE, SERIES_HOURS // last.series))


def _pull(connection: Connection, span: Span, now: datetime) -> Pulled:
    source, warnings = connection.source, list[str]()
    try:
        signals = load_signals(connection.signals)
        answers = _ask(connection, signals, span)
        warnings = answers.warnings
        if warnings:
            raise SourceError(f"the answer is partial: {warnings[0]}")
        counts = tally(answers.readings, span)
        store_span(
            source_id=source.pk,
            cluster_id=source.cluster_id,
            signals=signals,
            readings=answers.readings,
            span=span,
            answered=counts.samples > 0,
            lately=_lately(source.pk, source.cluster_id, span),
            stands_seconds=range_seconds(connection.scrape_interval_seconds),
        )
    except (SourceError, BadSignals, UniqueViolation, IntegrityConstraintViolation) as error:
        note_failure(source_id=source.pk, span=span, error=_text(error), warnings=warnings, now=now)
        return Pulled(span, 0, 0, _text(error))
    interval = connection.scrape_interval_seconds
    note_read(source_id=source.pk, span=span, counts=counts, scrape_interval=interval, now=now)
    note_rejected_samples(source_id=source.pk, span=span, readings=answers.readings)
    return Pulled(span, int(counts.samples.sum()), int(counts.rejected.sum()), "")


def _ask(connection: Connection, signals: list[Signal], span: Span) -> Answers:
    settings = connection.settings
    variable = settings.get("bearer_token_env")
    if variable and not os.environ.get(variable):
        raise SourceError(f"the environment variable {variable} is not set")
    client = PrometheusClient(
        settings["url"],
        timeout=float(settings.get("timeout", 120)),
        token=os.environ[variable] if variable else None,
    )
    try:
        return read_span(client, signals, span, connection.scrape_interval_seconds)
    finally:
        client.close()


def _lately(source_id: int, cluster_id: int | None, span: Span) -> dict[Device, str]:
    if cluster_id is None:
        return {}
    start = span.hour(0)
    rows = devices_lately(source_id=source_id, cluster_id=cluster_id, start=start - LATELY, end=start)
    return {Device(row.node, row.uuid): row.model_name for row in rows}


def _text(error: Exception) -> str:
    if isinstance(error, UniqueViolation):
        return f"another source of the cluster tells of the same devices: {error.diag.message_detail}"
    return str(error)


@contextmanager
def _alone(source_id: int, wait: bool) -> Iterator[bool]:
    """Keep others from reading the source: an older answer must not replace a newer one."""
    with database.cursor() as cursor:
        if wait:
            cursor.execute("SELECT true FROM pg_advisory_lock(%s, %s)", [_LOCK, source_id])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, source_id])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, source_id])
