"""Samples at evaluated moments become rows of minutes."""

import numpy as np
from numpy.typing import NDArray

from ingest.sources.errors import SourceError
from ingest.sources.prometheus.decode import Decoded
from ingest.telemetry.span import Span

Floats = NDArray[np.float64]
# A minute is asked for at its last millisecond: [start, start + 60 s) under the closed ranges of Prometheus 2
# and the left-open ones of Prometheus 3.
LAST_MOMENT = 59.999


def moments(span: Span) -> tuple[float, float]:
    """First and last moment to evaluate, epoch seconds; one for each minute, 60 seconds apart."""
    return span.start + LAST_MOMENT, span.end - 60 + LAST_MOMENT


def grid(decoded: Decoded, span: Span) -> tuple[Floats, NDArray[np.bool_] | None]:
    """[series, minutes] with NaN where there is no sample, and which cells had one that is not a number.

    SourceError when a sample lies at no moment that was asked for.
    """
    minutes = np.rint((decoded.times - moments(span)[0]) / 60).astype(np.int64)
    if len(minutes) and (minutes.min() < 0 or minutes.max() >= span.minutes):
        raise SourceError("the answer has samples outside of the time that was asked for")
    table = np.full((len(decoded.labels), span.minutes), np.nan)
    table[decoded.series, minutes] = decoded.values
    nan = np.isnan(decoded.values)
    if not nan.any():
        return table, None
    odd = np.zeros(table.shape, dtype=np.bool_)
    odd[decoded.series[nan], minutes[nan]] = True
    return table, odd
