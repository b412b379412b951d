"""LiteLLM's counters, by team and model: where most tenants become known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.demo.demand import FLOWS, Flow
from portal.demo.openmetrics import Family, Series, counted_up, write
from portal.demo.span import Seconds, Span, scrapes
from portal.demo.stories import failing

SCRAPE_SECONDS = 1_800
Counts = NDArray[np.int64]


class Asked(NamedTuple):
    """A flow's requests and tokens by interval; tokens of requests that succeeded."""

    succeeded: Counts
    failed: Counts
    input_tokens: Counts
    cached_tokens: Counts
    output_tokens: Counts
    seconds: NDArray[np.float64]


def asked(flow: Flow, span: Span, times: Seconds, interval: int) -> Asked:
    """What a flow asked for in each `interval` seconds that begin at `times`."""
    random = span.random("gateway", flow.team, flow.service)
    rate = flow.rate(span, times) * interval / 3_600
    share = failing(flow.service, span, times)
    succeeded = random.poisson(rate * (1 - share)).astype(np.int64)
    failed = random.poisson(rate * share).astype(np.int64)

    def tokens(mean: float) -> Counts:
        # A mean of many requests: the spread of single ones is long gone.
        drawn = succeeded * mean * random.lognormal(0.0, 0.05, len(times))
        return np.round(drawn).astype(np.int64)

    read = tokens(flow.input_tokens)
    cached = np.round(read * flow.cached).astype(np.int64)
    seconds = np.round(succeeded * flow.seconds * random.lognormal(0.0, 0.08, len(times)), 3)
    return Asked(succeeded, failed, read, cached, tokens(flow.output_tokens), seconds)


def asked_by_gateway(span: Span) -> dict[Flow, Asked]:
    """All flows that go through the gateway, by its scrapes. The provider's bill counts the same tokens."""
    times = scrapes(span.start, span.end, SCRAPE_SECONDS)
    return {flow: asked(flow, span, times, SCRAPE_SECONDS) for flow in FLOWS if flow.via == "gateway"}


def counted_at(span: Span) -> Seconds:
    """When the counters are scraped: at first, then seconds before each half hour ends.

    So what was asked in an hour is counted in it.
    """
    first = int(span.start.timestamp())
    ends = np.arange(first + SCRAPE_SECONDS, int(span.end.timestamp()) + 1, SCRAPE_SECONDS, dtype=np.int64)
    return np.concatenate(([first + 7], ends - 7))


def write_gateway(path: Path, span: Span) -> None:
    """Write the gateway's counters of the whole span."""
    flows = asked_by_gateway(span)
    write(path, counted_at(span), _families(flows))


def _families(flows: dict[Flow, Asked]) -> Iterator[Family]:
    yield Family("litellm_proxy_total_requests_metric", "counter", _requests(flows))
    yield _tokens("litellm_input_tokens_metric", flows, "input_tokens")
    yield _tokens("litellm_input_cached_tokens_metric", flows, "cached_tokens")
    yield _tokens("litellm_output_tokens_metric", flows, "output_tokens")
    yield Family("litellm_request_total_latency_metric", "histogram", _latency(flows))


def _labels(flow: Flow, **more: str) -> dict[str, str]:
    team = {"team": f"team-{flow.team}", "team_alias": flow.team, "api_key_alias": f"{flow.team}-prod"}
    return {**team, "requested_model": flow.model, **more}


def _requests(flows: dict[Flow, Asked]) -> Iterator[Series]:
    for flow, what in flows.items():
        for status, counts in (("200", what.succeeded), ("503", what.failed)):
            yield Series(_labels(flow, status_code=status), counted_up(counts), suffix="_total")


def _tokens(name: str, flows: dict[Flow, Asked], which: str) -> Family:
    def counted() -> Iterator[Series]:
        for flow, what in flows.items():
            yield Series(_labels(flow), counted_up(getattr(what, which)), suffix="_total")

    return Family(name, "counter", counted())


def _latency(flows: dict[Flow, Asked]) -> Iterator[Series]:
    for flow, what in flows.items():
        counts: NDArray[Any] = counted_up(what.succeeded)
        yield Series(_labels(flow, le="+Inf"), counts, suffix="_bucket")
        yield Series(_labels(flow), counts, suffix="_count")
        yield Series(_labels(flow), np.round(counted_up(what.seconds), 3), suffix="_sum")
