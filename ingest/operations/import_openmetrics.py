"""Files of telemetry become facts."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from ingest.models import Connection
from ingest.operations.counter_tails import keep_tails, with_tails
from ingest.operations.feed import note_read, tally
from ingest.operations.rejections import note_rejected_lines, note_rejected_samples
from ingest.operations.store_span import store_span
from ingest.signals.definition import Signal
from ingest.signals.load import load_signals
from ingest.sources.errors import SourceError
from ingest.sources.openmetrics.evaluate import Evaluator
from ingest.sources.openmetrics.parse import Samples, parse_files
from ingest.sources.prometheus.promql import range_seconds
from ingest.telemetry.span import HOUR, Span

HOURS_AT_ONCE = 24


class Imported(NamedTuple):
    """What files gave."""

    samples: int
    series: int
    hours: int
    rejected: int


def import_openmetrics(*, source_id: int, files: Sequence[Path], now: datetime) -> Imported:
    """Replace what the source said in the hours of these files; all files or none.

    Files are read as one, and counters go on where the file before left them, if that was read already.
    What was imported of the same hours is replaced, so give files that share an hour together.
    Raises SourceError for a file that is cut off or no OpenMetrics, BadSignals, and OSError.
    """
    connection = Connection.objects.select_related("source").get(source_id=source_id)
    signals = [signal for signal in load_signals(connection.signals) if signal.metric]
    samples = parse_files(files, {signal.metric for signal in signals})
    if not len(samples.times):
        raise SourceError(f"{len(files)} files have no sample of any signal of {connection.source.name}")
    rejected = 0
    with transaction.atomic():
        note_rejected_lines(source_id=source_id, files=files, lines=samples.rejections)
        counters = {signal.metric for signal in signals if signal.is_counter}
        keep_tails(source_id=source_id, samples=samples, counters=counters)
        carried = with_tails(source_id=source_id, samples=samples)
        evaluator = Evaluator(carried, range_seconds(connection.scrape_interval_seconds))
        for span in _span(samples).chunks(HOURS_AT_ONCE):
            rejected += _store(connection, signals, evaluator, span, now)
    hours = len(set((samples.times // (HOUR * 1000)).tolist()))
    return Imported(len(samples.times), len(samples.names), hours, rejected + len(samples.rejections))


def _span(samples: Samples) -> Span:
    first, last = int(samples.times.min()) // 1000, int(samples.times.max()) // 1000
    start = first // HOUR * HOUR
    return Span(start, (last - start) // HOUR + 1)


def _store(
    connection: Connection, signals: Sequence[Signal], evaluator: Evaluator, span: Span, now: datetime
) -> int:
    read = [evaluator.read(signal, span, signals) for signal in signals]
    readings = [reading for reading in read if reading is not None]
    counts = tally(readings, span)
    store_span(
        source_id=connection.source_id,
        cluster_id=connection.source.cluster_id,
        signals=signals,
        readings=readings,
        span=span,
        answered=counts.samples > 0,
        stands_seconds=range_seconds(connection.scrape_interval_seconds),
    )
    note_read(source_id=connection.source_id, span=span, counts=counts, scrape_interval=None, now=now)
    note_rejected_samples(source_id=connection.source_id, span=span, readings=readings)
    return int(counts.rejected.sum())
