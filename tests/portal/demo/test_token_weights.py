"""The demo has a service whose token weights can be fitted, and one where they cannot."""

import numpy as np
import pytest

from attribution.domain.fit_result import TokenFit
from attribution.domain.fit_sample import FitSample
from attribution.domain.fit_tokens import fit_tokens
from portal.demo.demand import FLOWS, TOKEN_MICROSECONDS
from portal.demo.gateway import asked_by_gateway
from portal.demo.replicas import replicas
from portal.demo.span import Span, scrapes
from portal.demo.telemetry import SCRAPE_SECONDS
from portal.demo.world import world
from tests.portal.demo.conftest import NOW, SEED

SPAN = Span.until(NOW, 28, SEED)


def fitted(service: str) -> TokenFit:
    """From what devices of Frankfurt do and what the gateway counts, hour by hour."""
    pods = [
        pod
        for pod in replicas(world(), "fra-eks", SPAN, scrapes(SPAN.start, SPAN.end, SCRAPE_SECONDS))
        if pod.deployment.service == service
    ]
    held = sum(pod.there * pod.deployment.gpus for pod in pods).astype(np.float64)
    busy = sum(np.where(pod.there, pod.busy, 0) * pod.deployment.gpus for pod in pods)
    asked = [what for flow, what in asked_by_gateway(SPAN).items() if flow.service == service]
    given, cached, output = (
        sum(getattr(what, name) for what in asked).reshape(-1, 2).sum(axis=1).astype(np.float64)
        for name in ("input_tokens", "cached_tokens", "output_tokens")
    )
    seconds = held.reshape(-1, 6).sum(axis=1) * SCRAPE_SECONDS
    unknown = np.full(len(seconds), np.nan)
    return fit_tokens(
        FitSample(
            hour=np.arange(len(seconds), dtype=np.int64) * 3_600,
            held=seconds,
            sampled=seconds,
            busy=busy.reshape(-1, 6).sum(axis=1) * SCRAPE_SECONDS,
            computed=given - cached,
            cached=cached,
            output=output,
            prefill=unknown,
            decode=unknown,
        )
    )


def test_clients_of_chat_small_differ_enough_to_tell_what_their_tokens_cost() -> None:
    fit = fitted("chat-small")
    assert fit.coefficients is not None, fit.refusals
    computed, _, output = TOKEN_MICROSECONDS["chat-small"]
    assert float(fit.coefficients.b / fit.coefficients.a) == pytest.approx(output / computed, rel=0.1)
    assert fit.explained is not None
    assert 0.7 < fit.explained < 1


def test_clients_of_code_assist_are_alike_and_it_is_refused_with_the_reason() -> None:
    fit = fitted("code-assist")
    assert fit.coefficients is None
    assert any("do not vary on their own" in reason for reason in fit.refusals)


def test_only_services_with_flows_have_weights_of_their_own() -> None:
    assert set(TOKEN_MICROSECONDS) <= {flow.service for flow in FLOWS if flow.via == "gateway"}
