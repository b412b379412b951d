"""A signal's definition evaluated on samples, as PromQL would be: see ingest/sources/prometheus/promql.py.

A minute m looks at the samples of [m + 60 s − range, m + 60 s), so that a sample stands for its interval.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.signals.definition import Signal
from ingest.sources.openmetrics.parse import Samples
from ingest.telemetry.aggregate import Odd, aggregated
from ingest.telemetry.reading import Reading, clean
from ingest.telemetry.span import Span
from ingest.telemetry.variants import choose, condition_label, own_labels, roles_of, with_exported

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MINUTE = 60_000  # milliseconds
BEFORE = 86_400_000


class Evaluator:
    """Samples of a source's files, ready for any span. Sorted once, by series and time."""

    def __init__(self, samples: Samples, range_seconds: int) -> None:
        order = np.lexsort((samples.times, samples.series))
        self.names = samples.names
        self.series = samples.series[order].astype(np.int64)
        self.times, self.values = samples.times[order], samples.values[order]
        self.range = range_seconds * 1000
        self.labels = [dict(named.labels) for named in samples.names]
        self.of_metric: dict[str, list[int]] = {}
        for place, named in enumerate(samples.names):
            self.of_metric.setdefault(named.metric, []).append(place)
        self.edges = np.searchsorted(self.series, np.arange(len(self.names) + 1))

    def read(self, signal: Signal, span: Span, signals: Sequence[Signal] = ()) -> Reading | None:
        """The signal over a span; None where the files do not have its metric.

        `signals` are all that the source is read by: all metrics of an exporter tell what names its own pods.
        """
        members = self.of_metric.get(signal.metric, [])
        existing = {label for place in members for label in self.labels[place]}
        chosen = [place for place in members if _fits(signal, self.labels[place], existing)]
        if not members:
            return None
        table, odd = self._minutes(chosen, signal, span)
        sisters = [signal, *(each for each in signals if each.runtime == signal.runtime)]
        choice = choose(signal, with_exported(signal, sisters, self._existing(sisters)))
        labels = [self.labels[place] for place in chosen]
        if signal.is_counter:
            table = np.concatenate([self._before(chosen, span)[:, None], table], axis=1)
            odd = None if odd is None else np.concatenate([np.zeros((len(odd), 1), dtype=bool), odd], axis=1)
        if signal.copies:
            labels, table, odd = aggregated(_without(labels, signal.copies), table, odd, "max")
        of_exporter = {place for each in sisters for place in self.of_metric.get(each.metric, ())}
        own = own_labels(choice, (self.labels[place] for place in sorted(of_exporter)))
        roles = [roles_of(each, choice, signal.usage.unknown, own) for each in labels]
        if not signal.is_counter:
            roles, table, odd = aggregated(roles, table, odd, signal.aggregate)
        return clean(signal, roles, table, odd, span)

    def _existing(self, signals: Sequence[Signal]) -> dict[str, set[str]]:
        """Label names by metric."""
        return {
            each.metric: {
                label for place in self.of_metric.get(each.metric, ()) for label in self.labels[place]
            }
            for each in signals
        }

    def _window(self, place: int, start: int, end: int) -> slice:
        """Samples of a series in [start, end) milliseconds."""
        low, high = self.edges[place], self.edges[place + 1]
        first, last = low + np.searchsorted(self.times[low:high], [start, end])
        return slice(int(first), int(last))

    def _minutes(self, chosen: Sequence[int], signal: Signal, span: Span) -> tuple[Floats, Odd]:
        """[series, minutes], and which cells had a sample that is not a number (None: no cell)."""
        cells, values = self._cells(chosen, span)
        size = len(chosen) * span.minutes
        table = np.full(size, np.nan)
        odd = np.zeros(size, dtype=bool)
        if len(cells):
            order = np.argsort(cells, kind="stable")
            cells, values = cells[order], values[order]
            first = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
            table[cells[first]] = _reduced(values, first, signal.over_time)
            odd[cells[np.isnan(values)]] = True
            odd &= np.isnan(table)
        shape = len(chosen), span.minutes
        return table.reshape(shape), odd.reshape(shape) if odd.any() else None

    def _cells(self, chosen: Sequence[int], span: Span) -> tuple[Ints, Floats]:
        """Cell (row × minutes + minute) and value of every sample, for every minute that looks at it."""
        start = span.start * 1000
        windows = [self._window(place, start - self.range + MINUTE, span.end * 1000) for place in chosen]
        if not windows:
            return np.empty(0, np.int64), np.empty(0)
        picked = np.concatenate([np.arange(w.start, w.stop) for w in windows])
        row = np.repeat(np.arange(len(windows)), [w.stop - w.start for w in windows])
        times, values = self.times[picked] - start, self.values[picked]
        minute = times // MINUTE
        cells, kept = [], []
        for later in reversed(range(-(-self.range // MINUTE))):  # the newest sample of a cell comes last
            target = minute + later
            sees = (target >= 0) & (target < span.minutes)
            if later:
                sees &= target * MINUTE <= times + self.range - MINUTE
            cells.append(row[sees] * span.minutes + target[sees])
            kept.append(values[sees])
        return np.concatenate(cells), np.concatenate(kept)

    def _before(self, chosen: Sequence[int], span: Span) -> Floats:
        """Each counter's last sample before the span."""
        start = span.start * 1000
        column = np.full(len(chosen), np.nan)
        for row, place in enumerate(chosen):
            window = self._window(place, start - BEFORE, start)
            if window.stop > window.start:
                column[row] = self.values[window.stop - 1]
        return column


def _without(labels: Sequence[dict[str, str]], names: Sequence[str]) -> list[dict[str, str]]:
    return [{name: value for name, value in each.items() if name not in names} for each in labels]


def _fits(signal: Signal, labels: Mapping[str, str], existing: set[str]) -> bool:
    return all(
        _is_one_of(labels.get(condition_label(signal, key, existing), ""), values) is wanted
        for pairs, wanted in ((signal.where, True), (signal.where_not, False))
        for key, values in pairs
    )


def _is_one_of(value: str, values: tuple[str, ...]) -> bool:
    """Whether a label has one of these values, or begins as one that ends in an asterisk."""
    return value in values or any(each.endswith("*") and value.startswith(each[:-1]) for each in values)


def _reduced(values: Floats, first: Ints, how: str) -> Floats:
    """One figure for each cell; `first` says where each begins."""
    if how in ("last", "counter"):
        last: Floats = values[np.append(first[1:], len(values)) - 1]
        return last
    if how == "max":
        return np.asarray(np.fmax.reduceat(values, first))
    if how == "min":
        return np.asarray(np.fmin.reduceat(values, first))
    counts = np.diff(np.append(first, len(values)))
    means: Floats = np.add.reduceat(values, first) / counts
    return means
