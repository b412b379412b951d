"""Prometheus → strips, against the plain path and against the floor.

`python -m tests.bench.prometheus_path [DEVICES]`: devices × 6 signals × 1 day from a real Prometheus on this
machine into PostgreSQL. The floor fetches the same answers, decodes them and copies the same strips in, and
does nothing else. The plain path (prometheus-api-client → MetricRangeDataFrame → bulk_create) is measured on
one hour of two signals, and counted up by its samples.
"""

import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tests.bench.prometheus_day import MINUTES, RUNTIMES, SIGNALS, START, served
from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

END = START + timedelta(days=1)
PLAIN_HOURS = 1
PLAIN_SIGNALS = ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "kube_pod_status_ready")


def main(devices: int) -> None:
    """Print one row; see `make bench`."""
    with served(devices) as url, scratch_database():
        source = declare(url)
        ours = min(seconds(lambda: pull(source)) for _ in range(3))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        floor = min(seconds(floor_path(url)) for _ in range(3))
        each = plain_seconds_per_sample(url)
    samples = devices * len(SIGNALS) * MINUTES
    plain = each * samples
    print(f"{'devices':>8} {'samples':>11} {'plain':>9} {'floor':>7} {'ours':>7} {'plain/ours':>11}", end="")
    print(f" {'floor/ours':>11} {'M samples/s':>12} {'peak MB':>8}")
    print(f"{devices:8} {samples:11,} {plain:8.0f}s {floor:6.2f}s {ours:6.2f}s {plain / ours:10.1f}×", end="")
    print(f" {floor / ours:10.2f}× {samples / ours / 1e6:12.2f} {peak:8.0f}")
    print("bars: plain/ours at least 20, floor/ours at least 0.5")


def seconds(deed: Callable[[], Any]) -> float:
    """Wall time of a deed."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def declare(url: str) -> int:
    """A cluster whose telemetry is that Prometheus; returns the source."""
    from attribution import models
    from ingest.models import Connection

    provider = models.Provider.objects.create(name="p")
    region = models.Region.objects.create(provider=provider, name="r")
    cluster = models.Cluster.objects.create(name="c", region=region, control_model="managed_kubernetes")
    source = models.Source.objects.create(name="s", kind="prometheus", cluster=cluster)
    Connection.objects.create(source=source, settings={"url": url}, signals=RUNTIMES)
    return source.pk


def pull(source_id: int) -> None:
    """The product's own path, over the whole day."""
    from ingest.operations.pull import pull_window

    for part in pull_window(source_id=source_id, start=START, end=END, now=datetime.now(UTC)):
        if part.error:
            raise RuntimeError(part.error)


def floor_path(url: str) -> Callable[[], None]:
    """Fetch, decode and COPY the same bytes and nothing else."""
    from attribution.operations.record_strips import COLUMNS, COPY_STRIPS
    from attribution.wire.connection import copy_in, copy_out
    from ingest.operations.pull import HOURS_AT_ONCE
    from ingest.signals.load import load_signals
    from ingest.sources.prometheus.client import PrometheusClient
    from ingest.sources.prometheus.decode import decode
    from ingest.sources.prometheus.grid import moments
    from ingest.sources.prometheus.look import existing_labels
    from ingest.sources.prometheus.promql import compile_query
    from ingest.telemetry.span import Span
    from ingest.telemetry.variants import choose

    client = PrometheusClient(url)
    spans = list(Span.of(START, END).chunks(HOURS_AT_ONCE))
    signals = load_signals(RUNTIMES)
    existing = existing_labels(client, signals, spans[0])
    queries = [
        compile_query(s, choose(s, existing[s.metric]), existing[s.metric], 60)
        for s in signals
        if s.metric in existing
    ]
    strips = []
    for span in spans:
        first, last = span.moments()
        rows = f"SELECT {COLUMNS} FROM device_strip WHERE hour >= '{first}' AND hour < '{last}'"
        statement = f"COPY ({rows}) TO STDOUT (FORMAT BINARY)"
        strips.append(copy_out(statement, {}))

    def deed() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM device_strip")
        for span, rows in zip(spans, strips, strict=True):
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda query: decode(client.range(query, *moments(span), 60)), queries))  # noqa: B023  # done within the round
            copy_in(COPY_STRIPS, rows)

    return deed


def plain_seconds_per_sample(url: str) -> float:
    """What one writes first: a data frame for each metric, and a row for each sample."""
    from django.db import models
    from prometheus_api_client import MetricRangeDataFrame, PrometheusConnect

    class MinuteSample(models.Model):
        at = models.DateTimeField()
        metric = models.TextField()
        labels = models.JSONField()
        value = models.FloatField()

        class Meta:
            app_label = "ingest"
            db_table = "bench_minute_sample"

    with connection.schema_editor() as editor:
        editor.create_model(MinuteSample)
    client = PrometheusConnect(url)
    count = 0
    began = time.perf_counter()
    for metric in PLAIN_SIGNALS:
        query = f"max by (Hostname,UUID,exported_pod,pod) (avg_over_time({metric}[60s]))"
        end = START + timedelta(hours=PLAIN_HOURS, minutes=-1)
        answer = client.custom_query_range(query, start_time=START, end_time=end, step="60")
        frame = MetricRangeDataFrame(answer, ts_as_datetime=True)
        names = [name for name in frame.columns if name != "value"]
        rows = [
            MinuteSample(
                at=at.tz_localize(UTC) if at.tzinfo is None else at,
                metric=metric,
                labels={name: getattr(row, name) for name in names},
                value=row.value,
            )
            for at, row in zip(frame.index, frame.itertuples(), strict=True)
        ]
        MinuteSample.objects.bulk_create(rows, batch_size=10_000)
        count += len(rows)
    return (time.perf_counter() - began) / count


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else size(2000, 20))
