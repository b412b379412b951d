"""The series of one signal over a span, cleaned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.signals.definition import Signal
from ingest.telemetry.span import Span

Values = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """`series` are role → value; `values` [series, minutes], NaN where there is no sample.

    A gauge's values are float32 and scaled. A counter's are float64 and raw, with one column more in front:
    its last sample before the span. `rejected` [hours] counts impossible samples, which are NaN in `values`.
    """

    signal: Signal
    series: Sequence[Mapping[str, str]]
    values: Values
    rejected: NDArray[np.int64]

    def sampled(self) -> NDArray[np.int64]:
        """[minutes]: how many series had a sample."""
        values = self.values[:, 1:] if self.signal.is_counter else self.values
        counts: NDArray[np.int64] = (~np.isnan(values)).sum(axis=0)
        return counts


def clean(
    signal: Signal,
    series: Sequence[Mapping[str, str]],
    raw: NDArray[np.float64],
    odd: NDArray[np.bool_] | None,
    span: Span,
) -> Reading:
    """Scale and reject what cannot be: infinite, or out of the fact's range. ValueError on a wrong shape.

    `odd` marks cells that had a sample which is not a number, so that they are counted too; None: no cell.
    """
    if raw.shape != (len(series), span.minutes + (1 if signal.is_counter else 0)):
        raise ValueError(f"{signal.metric}: {raw.shape} values of {len(series)} series in {span}")
    low, high = signal.range
    values: Values = raw if signal.is_counter else _scaled(raw, signal)
    with np.errstate(invalid="ignore"):
        bad = (values < low) | (values > high)
    if bad.any():
        values = values.copy()
        values[bad] = np.nan
    if odd is not None:
        bad |= odd
    return Reading(signal, series, values, _by_hour(bad, span))


def _scaled(raw: NDArray[np.float64], signal: Signal) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # too large for single precision becomes infinite, and is rejected
        values = raw.astype(np.float32)
    if signal.scale != 1:
        values = values * np.float32(signal.scale)
    if signal.offset:
        values = values + np.float32(signal.offset)
    # 100 × 0.01 in single precision is a hair above 1, and no mistake of the source.
    high = np.float32(signal.range[1])
    slack = np.float32(1e-6) * high
    over = (values > high) & (values <= high + slack)
    return np.where(over, high, values) if over.any() else values


def _by_hour(bad: NDArray[np.bool_], span: Span) -> NDArray[np.int64]:
    if not bad.any():
        return np.zeros(span.hours, dtype=np.int64)
    cells = bad[:, -span.minutes :] if span.minutes else bad
    counts: NDArray[np.int64] = cells.reshape(len(bad), span.hours, 60).sum(axis=(0, 2))
    return counts
