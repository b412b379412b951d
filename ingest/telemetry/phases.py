"""Counters of what engines time of their own phases become hourly figures."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import numpy as np

from ingest.telemetry.increases import hourly
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from ingest.telemetry.usage import Label, label_of_service

FACT = "phase."


class PhaseKey(NamedTuple):
    """What phases are told apart by; a label or model is None where the source named nobody."""

    hour: datetime
    service: Label | None
    model: str | None


def phases_of(readings: Iterable[Reading], span: Span) -> dict[PhaseKey, dict[str, int]]:
    """Measures by key, whole numbers; a measure that nobody read in the hour is left out."""
    sums: dict[PhaseKey, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for reading in readings:
        if not reading.signal.fact.startswith(FACT):
            continue
        measure = reading.signal.fact.removeprefix(FACT)
        for series, row in zip(reading.series, hourly(reading), strict=True):
            service = label_of_service(reading.signal, series)
            for place in np.flatnonzero(~np.isnan(row)):
                key = PhaseKey(span.hour(int(place)), service, series.get("model"))
                sums[key][measure] += float(row[place])
    return {key: {name: round(value) for name, value in found.items()} for key, found in sums.items()}
