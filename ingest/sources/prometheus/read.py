"""All signals of a span from one Prometheus."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from ingest.signals.definition import Signal
from ingest.sources.errors import SourceError
from ingest.sources.prometheus.client import PrometheusClient
from ingest.sources.prometheus.decode import Decoded, decode
from ingest.sources.prometheus.grid import grid, moments
from ingest.sources.prometheus.look import existing_labels, exporters_own
from ingest.sources.prometheus.promql import MINUTE, compile_query, range_seconds
from ingest.telemetry.aggregate import aggregated
from ingest.telemetry.reading import Reading, clean
from ingest.telemetry.span import Span
from ingest.telemetry.variants import Choice, Own, choose, roles_of, with_exported

# The server answers the next query while we decode the last one.
CONCURRENT = 2
MAX_STEPS = 11_000  # Prometheus' own limit
# A counter that was silent for longer has no sample before the span.
BEFORE = 86_400


@dataclass(frozen=True)
class Answers:
    """Readings of the signals that the source has; `warnings` mean that they are partial."""

    readings: list[Reading]
    warnings: list[str]


def read_span(
    client: PrometheusClient, signals: Sequence[Signal], span: Span, scrape_interval: int
) -> Answers:
    """Everything that a Prometheus says of a span; SourceError when any answer is not whole."""
    if span.minutes > MAX_STEPS:
        raise ValueError(f"{span.hours} hours are too many for one reading")
    existing = existing_labels(client, signals, span)
    known = [signal for signal in signals if signal.query or signal.metric in existing]
    own = exporters_own(client, known, existing, span)
    read = partial(
        _read, client, signals=known, existing=existing, own=own, span=span,
        seconds=range_seconds(scrape_interval),
    )  # fmt: skip
    with ThreadPoolExecutor(CONCURRENT) as pool:
        answers = list(pool.map(read, known))
    warnings = [
        f"{s.metric or s.query}: {w}" for s, (_, told) in zip(known, answers, strict=True) for w in told
    ]
    return Answers([reading for reading, _ in answers], warnings)


def _read(
    client: PrometheusClient,
    signal: Signal,
    *,
    signals: Sequence[Signal],
    existing: dict[str, frozenset[str]],
    own: Mapping[str, Own],
    span: Span,
    seconds: int,
) -> tuple[Reading, list[str]]:
    labels = existing.get(signal.metric, frozenset())
    choice = choose(signal, with_exported(signal, signals, existing))
    query = compile_query(signal, choice, labels, seconds)
    try:
        decoded = decode(client.range(query, *moments(span), MINUTE))
        if signal.query:
            choice = choose(signal, {name for series in decoded.labels for name in series})
        names = {} if signal.query else own[signal.runtime]
        reading = _reading(signal, decoded, choice, names, span)
        if not signal.is_counter:
            return reading, decoded.warnings
        before = decode(client.instant(_before(query, seconds), span.start - 0.001))
    except SourceError as error:
        raise SourceError(f"{signal.metric or signal.query}: {error}") from None
    return _with_predecessors(reading, decoded, before), decoded.warnings + before.warnings


def _before(query: str, seconds: int) -> str:
    return query.replace(f"[{seconds}s]", f"[{BEFORE}s]")


def _reading(signal: Signal, decoded: Decoded, choice: Choice, own: Own, span: Span) -> Reading:
    table, odd = grid(decoded, span)
    unknown = signal.usage.unknown
    roles = [roles_of(labels, choice, unknown, own) for labels in decoded.labels]
    if signal.is_counter:
        table = np.concatenate([np.full((len(table), 1), np.nan), table], axis=1)
        odd = None if odd is None else np.concatenate([np.zeros((len(odd), 1), dtype=bool), odd], axis=1)
    else:
        roles, table, odd = aggregated(roles, table, odd, signal.aggregate)
    return clean(signal, roles, table, odd, span)


def _with_predecessors(reading: Reading, decoded: Decoded, before: Decoded) -> Reading:
    """Put the last samples before the span into the first column, series by series."""
    last = {
        frozenset(before.labels[series].items()): value
        for series, value in zip(before.series.tolist(), before.values.tolist(), strict=True)
    }
    column = [last.get(frozenset(labels.items()), np.nan) for labels in decoded.labels]
    values = reading.values.copy()
    values[:, 0] = column
    return Reading(reading.signal, reading.series, values, reading.rejected)
