"""A signal means the same whether PromQL or NumPy evaluates it."""

from pathlib import Path

import numpy as np
import pytest

from ingest.signals.load import known_runtimes, load_signals
from ingest.sources.openmetrics.evaluate import Evaluator
from ingest.sources.openmetrics.parse import parse_files
from ingest.sources.prometheus.client import PrometheusClient
from ingest.sources.prometheus.promql import range_seconds
from ingest.sources.prometheus.read import read_span
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from tests.support.telemetry import T0

SPANS = [Span(T0, 3), Span(T0, 1), Span(T0 + 3600, 1), Span(T0 + 7200, 1), Span(T0 - 3600, 2)]


def _rows(reading: Reading) -> dict[tuple[tuple[str, str], ...], list[np.ndarray]]:
    rows: dict[tuple[tuple[str, str], ...], list[np.ndarray]] = {}
    for series, values in zip(reading.series, reading.values, strict=True):
        rows.setdefault(tuple(sorted(series.items())), []).append(values)
    return {key: sorted(found, key=lambda row: np.nan_to_num(row).tolist()) for key, found in rows.items()}


@pytest.mark.parametrize("interval", [15, 60, 300])
@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{(span.start - T0) // 3600}+{span.hours}")
def test_both_give_the_same_minutes(
    small_fleet_url: str, small_fleet_file: Path, span: Span, interval: int
) -> None:
    signals = load_signals(known_runtimes())
    live = read_span(PrometheusClient(small_fleet_url), signals, span, interval)
    samples = parse_files([small_fleet_file], {signal.metric for signal in signals})
    evaluator = Evaluator(samples, range_seconds(interval))
    assert live.warnings == []
    assert len(live.readings) >= 12
    for reading in live.readings:
        from_file = evaluator.read(reading.signal, span)
        assert from_file is not None
        ours, theirs = _rows(from_file), _rows(reading)
        kept = {key: rows for key, rows in ours.items() if not np.isnan(rows).all()}
        assert kept.keys() == theirs.keys(), reading.signal
        for key, rows in theirs.items():
            np.testing.assert_allclose(
                np.array(kept[key]), np.array(rows), rtol=1e-6, err_msg=f"{reading.signal.metric} {key}"
            )


def test_every_signal_of_the_small_fleet_has_series(small_fleet_url: str) -> None:
    answers = read_span(PrometheusClient(small_fleet_url), load_signals(known_runtimes()), SPANS[0], 60)
    facts = {reading.signal.fact for reading in answers.readings if len(reading.series)}
    assert facts == {
        "busy", "memory", "node_ready", "ready", "pending",
        "usage.requests", "usage.output_tokens", "transfer.internet", "transfer.inter_zone",
    }  # fmt: skip
