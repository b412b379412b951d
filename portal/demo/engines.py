"""What vLLM's engines counted themselves, summed by model as a recording rule would have it: no tenants."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from portal.demo.demand import FLOWS
from portal.demo.gateway import Counts, asked_by_gateway, counted_at
from portal.demo.openmetrics import Family, Series, counted_up, write
from portal.demo.span import Span


class Engines(NamedTuple):
    """How a service's engines differ from the gateway: what came past it, and whether they saw failures."""

    past_the_gateway: float
    see_failures: bool


# Requests of editors' plug-ins go to the pods of `code-assist` directly. What `chat-large` failed, its router
# turned away before an engine saw it. `embeddings` exposes no counters: gateways alone.
SERVICES = {
    "chat-small": Engines(0.0, see_failures=True),
    "code-assist": Engines(0.074, see_failures=True),
    "chat-large": Engines(0.0, see_failures=False),
}


class Counted(NamedTuple):
    """What the engines of one model counted, by scrape interval."""

    stopped: Counts
    aborted: Counts
    input_tokens: Counts
    cached_tokens: Counts
    output_tokens: Counts


def write_engines(path: Path, span: Span) -> None:
    """Write the engines' counters of the whole span."""
    counted = _counted(span)
    write(path, counted_at(span), _families(counted))


def _counted(span: Span) -> dict[str, Counted]:
    """By model."""
    asked = asked_by_gateway(span)
    found = {}
    for service, engines in SERVICES.items():
        flows = [asked[flow] for flow in FLOWS if flow.service == service]
        sums = [sum(getattr(flow, name) for flow in flows) for name in flows[0]._fields[:5]]
        noise = span.random("engines", service).lognormal(0.0, 0.2, len(sums[0]))
        more = [np.round(counts * (1 + engines.past_the_gateway * noise)).astype(np.int64) for counts in sums]
        stopped, aborted, *tokens = more
        model = next(flow.model for flow in FLOWS if flow.service == service)
        found[model] = Counted(stopped, aborted if engines.see_failures else aborted * 0, *tokens)
    return found


def _families(counted: dict[str, Counted]) -> Iterator[Family]:
    yield Family("vllm:request_success", "counter", _requests(counted))
    for name, which in (
        ("prompt_tokens", "input_tokens"),
        ("prompt_tokens_cached", "cached_tokens"),
        ("generation_tokens", "output_tokens"),
    ):
        yield Family(
            f"vllm:{name}",
            "counter",
            [
                Series({"model_name": model}, counted_up(getattr(what, which)), suffix="_total")
                for model, what in counted.items()
            ],
        )


def _requests(counted: dict[str, Counted]) -> Iterator[Series]:
    for model, what in counted.items():
        for reason, counts in (("stop", what.stopped), ("abort", what.aborted)):
            labels = {"model_name": model, "finished_reason": reason}
            yield Series(labels, counted_up(counts), suffix="_total")
