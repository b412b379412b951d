"""Counters and gauges of what is counted beside requests become hourly quantities."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.increases import hourly
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from ingest.telemetry.usage import Label, label_of_service, label_of_tenant

FACT = "measure."


class MeasureKey(NamedTuple):
    """What counts are told apart by; a label or model is None where the source named nobody."""

    hour: datetime
    what: str
    service: Label | None
    tenant: Label | None
    model: str | None


def measures_of(readings: Iterable[Reading], span: Span) -> dict[MeasureKey, int]:
    """Quantities by key, whole numbers: what a counter added; what a gauge was on average, times the hour.

    A gauge's minutes without a sample take no part in its average: a scrape that failed is not a zero.
    """
    sums: dict[MeasureKey, float] = defaultdict(float)
    for reading in readings:
        if not reading.signal.fact.startswith(FACT):
            continue
        quantities = hourly(reading) if reading.signal.is_counter else _averages(reading, span)
        for series, row in zip(reading.series, quantities, strict=True):
            for place in np.flatnonzero(row > 0):
                key = _key(reading, series, span.hour(int(place)))
                sums[key] += float(row[place])
    return {key: round(total) for key, total in sums.items()}


def _averages(reading: Reading, span: Span) -> NDArray[np.float64]:
    """[series, hours]; 0 where nothing was sampled, which is then no row."""
    cells = np.asarray(reading.values, dtype=np.float64).reshape(len(reading.series), span.hours, 60)
    known = ~np.isnan(cells)
    count = known.sum(axis=2)
    averages: NDArray[np.float64] = np.where(known, cells, 0).sum(axis=2) / np.maximum(count, 1)
    return averages


def _key(reading: Reading, series: Mapping[str, str], hour: datetime) -> MeasureKey:
    signal = reading.signal
    return MeasureKey(
        hour,
        signal.fact.removeprefix(FACT),
        label_of_service(signal, series),
        label_of_tenant(signal, series),
        series.get("model"),
    )
