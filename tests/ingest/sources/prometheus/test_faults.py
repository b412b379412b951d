"""Whatever happens to an answer, it is whole or it is refused: never a zero."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from ingest.signals.load import load_signals
from ingest.sources.errors import SourceError
from ingest.sources.prometheus.client import PrometheusClient, encoding_for
from ingest.sources.prometheus.read import Answers, read_span
from ingest.telemetry.span import Span
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.telemetry import T0

SPAN = Span(T0, 1)


@pytest.fixture
def proxy(small_fleet_url: str) -> Iterator[FaultProxy]:
    with fault_proxy(small_fleet_url) as proxy:
        yield proxy


def _read(proxy: FaultProxy, timeout: float = 5) -> Answers:
    client = PrometheusClient(proxy.url, timeout=timeout)
    try:
        return read_span(client, load_signals(["dcgm", "vllm"]), SPAN, 60)
    finally:
        client.close()


def test_without_a_fault_the_proxy_changes_nothing(proxy: FaultProxy, small_fleet_url: str) -> None:
    through = _read(proxy)
    direct = read_span(PrometheusClient(small_fleet_url), load_signals(["dcgm", "vllm"]), SPAN, 60)
    for one, other in zip(through.readings, direct.readings, strict=True):
        assert one.series == other.series
        np.testing.assert_array_equal(one.values, other.values)


@pytest.mark.parametrize("only", ["query_range", "query?", "labels", "label/__name__"])
@pytest.mark.parametrize(
    "fault",
    ["400", "401", "422", "500", "redirect", "reset", "cut", "truncated json", "empty", "html", "error"],
)
def test_an_answer_that_is_not_whole_is_refused(proxy: FaultProxy, fault: str, only: str) -> None:
    proxy.fault, proxy.only = fault, only
    with pytest.raises(SourceError):
        _read(proxy)


@pytest.mark.parametrize("fault", ["scalar", "not a number", "another time"])
def test_an_answer_to_another_question_is_refused(proxy: FaultProxy, fault: str) -> None:
    proxy.fault = fault
    with pytest.raises(SourceError):
        _read(proxy)


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_an_answer_that_does_not_come_in_time_is_refused(proxy: FaultProxy, fault: str) -> None:
    proxy.fault = fault
    began = time.monotonic()
    with pytest.raises(SourceError):
        _read(proxy, timeout=0.5)
    assert time.monotonic() - began < 8


def test_an_ill_gateway_is_asked_again_at_once(proxy: FaultProxy) -> None:
    proxy.fault, proxy.times = "503", 1
    assert _read(proxy).readings
    assert proxy.asked == 1


def test_warnings_of_a_partial_answer_are_kept(proxy: FaultProxy) -> None:
    proxy.fault, proxy.times = "warnings", 1
    (warning,) = _read(proxy).warnings
    assert "store-2 did not answer" in warning


@pytest.mark.parametrize("fault", ["NaN", "+Inf", "-Inf", "1e308", "negative"])
def test_an_impossible_sample_is_rejected_and_counted(proxy: FaultProxy, fault: str) -> None:
    proxy.fault = fault
    answers = _read(proxy)
    gauges = [reading for reading in answers.readings if not reading.signal.is_counter]
    assert len(gauges) >= 3
    for reading in gauges:
        assert reading.rejected.tolist() == [1]
        assert np.isnan(reading.values[0, 0])
        assert not np.isnan(reading.values[0, 1:]).all()


def test_a_server_that_is_not_there_is_an_error_with_a_reason() -> None:
    client = PrometheusClient("http://127.0.0.1:9", timeout=2)
    with pytest.raises(SourceError, match="refused"):
        read_span(client, load_signals(["dcgm"]), SPAN, 60)


@pytest.mark.parametrize(
    ("url", "encoding"),
    [
        ("http://localhost:9090", "identity"),
        ("http://10.1.2.3:9090", "identity"),
        ("http://[::1]:9090", "identity"),
        ("http://prometheus.monitoring.svc:9090", "identity"),
        ("https://prometheus.example.com", "gzip"),
        ("https://8.8.8.8", "gzip"),
    ],
)
def test_answers_are_compressed_only_over_the_open_net(url: str, encoding: str) -> None:
    assert encoding_for(url) == encoding
