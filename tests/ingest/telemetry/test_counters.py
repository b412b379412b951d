"""Counters of a source become hourly usage and transfers."""

from itertools import pairwise

import numpy as np
import pytest

from ingest.signals.definition import Signal, UsageTerms
from ingest.telemetry.increases import hourly
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from ingest.telemetry.transfers import transfers_of
from ingest.telemetry.usage import levels_of, usage_of

SPAN = Span(1_772_618_400, 2)
NAN = float("nan")


def counter(fact: str, rows: list[tuple[dict[str, str], list[float]]], **more: object) -> Reading:
    """A reading of a counter; each row is its figures every ten minutes, the first before the span."""
    signal = Signal(runtime="x", fact=fact, metric="m", over_time="counter", **more)
    values = np.full((len(rows), 121), NAN)
    for place, (_, figures) in enumerate(rows):
        values[place, 0] = figures[0]
        values[place, 1::10] = figures[1:]
    return Reading(signal, [series for series, _ in rows], values, np.zeros(2, dtype=np.int64))


def test_an_hour_holds_what_was_added_since_the_sample_before_it() -> None:
    row = [100.0, 101, 102, 103, 104, 105, 106, 110, 111, 112, 113, 114, 115]
    assert hourly(counter("usage.requests", [({}, row)])).tolist() == [[6, 9]]


def test_a_fall_is_a_new_beginning() -> None:
    row = [100.0, 101, 102, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7]
    assert hourly(counter("usage.requests", [({}, row)])).tolist() == [[2 + 6, 1]]


def test_a_series_born_while_the_metric_was_read_began_at_zero() -> None:
    old, young = [5.0] * 13, [NAN] * 5 + [1.0, 2, 2, 2, 2, 2, 2, 2]
    assert hourly(counter("usage.requests", [({}, old), ({}, young)])).tolist() == [[0, 0], [2, 0]]


def test_where_the_whole_metric_begins_nobody_knows_what_was_before() -> None:
    both = [NAN, NAN, 1000.0, 1001, 1002, 1003, 1004, 1004, 1004, 1004, 1004, 1004, 1004]
    other = [NAN, NAN, NAN, 70.0, 71, 71, 71, 71, 71, 71, 71, 71, 71]  # ten minutes later: a slow scrape
    assert hourly(counter("usage.requests", [({}, both), ({}, other)])).tolist() == [[4, 0], [1, 0]]


def test_an_hour_without_a_sample_is_unknown_and_not_zero() -> None:
    row = [1.0] * 7 + [NAN] * 6
    added = hourly(counter("usage.requests", [({}, row)]))
    assert added[0, 0] == 0
    assert np.isnan(added[0, 1])


def _growing(by: float) -> list[float]:
    return [by * step for step in range(13)]


def test_usage_is_told_apart_by_service_tenant_model_and_outcome() -> None:
    terms = UsageTerms(level="gateway", service=("model",), tenant="team")
    outcomes = (("success", ("2??",)), ("failed", ("*",)))
    series = {"model": "llama", "tenant": "search", "pod": "litellm-1"}
    rows = [(series | {"status": status}, _growing(1)) for status in ("200", "204", "429")]
    requests = counter("usage.requests", rows, usage=terms, outcomes=outcomes)
    tokens = counter("usage.input_tokens", [(series, _growing(10))], usage=terms)
    latency = counter("usage.duration_us", [(series, _growing(0.5))], usage=terms, scale=1e6)
    usage = usage_of([requests, tokens, latency], SPAN)
    first = {key.outcome: measures for key, measures in usage.items() if key.hour == SPAN.hour(0)}
    assert first == {
        "success": {"requests": 12, "input_tokens": 60, "duration_us": 3_000_000},
        "failed": {"requests": 6},
    }
    (key,) = {key._replace(outcome="", hour=SPAN.hour(0)) for key in usage}
    assert (key.level, key.service, key.tenant, key.model) == (
        "gateway",
        ("model", "llama"),
        ("team", "search"),
        "llama",
    )
    assert levels_of([requests.signal]) == ["gateway"]


def test_a_request_of_nobody_has_no_tenant() -> None:
    usage = usage_of([counter("usage.requests", [({"model": "llama"}, _growing(1))])], SPAN)
    assert {key.tenant for key in usage} == {None}
    assert {key.service for key in usage} == {("model", "llama")}


def test_bytes_are_summed_by_pod_and_class() -> None:
    pod = {"namespace": "ns", "pod": "p"}
    internet = counter("transfer.internet", [(pod, _growing(5)), (pod, _growing(2)), ({}, _growing(9))])
    zone = counter("transfer.inter_zone", [(pod, [3.0] * 13)])
    found = transfers_of([internet, zone], SPAN)
    assert found == {(SPAN.hour(hour), "internet", "ns/p"): 42 for hour in range(2)}


@pytest.mark.parametrize("hours", [1, 5, 6, 7, 30])
def test_a_span_is_cut_where_the_clock_is_so_that_parts_are_always_the_same(hours: int) -> None:
    parts = list(Span(SPAN.start + 3600, hours).chunks(6))
    assert sum(part.hours for part in parts) == hours
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert all(part.start % 21_600 == 0 for part in parts[1:])
