"""How many replicas of a deployment have work: by tokens where these decide, else by seconds of requests."""

from functools import lru_cache

import numpy as np

from portal.demo.demand import FLOWS, TOKEN_MICROSECONDS, Flow, load
from portal.demo.gateway import SCRAPE_SECONDS, asked
from portal.demo.rhythm import Floats
from portal.demo.span import Seconds, Span, scrapes
from portal.demo.world import Deployment

# Replicas are bought a little short: at the peak of the day the queue grows instead of the fleet.
PRESSED = 1.3
# Where tokens decide there are enough: what waits would be work of another hour than that which counted it.
AT_EASE = 0.65


def replicas_wanted(deployment: Deployment, span: Span, times: Seconds) -> Floats:
    """Replicas that would be busy all the time, at epoch seconds."""
    if deployment.service not in TOKEN_MICROSECONDS:
        return load(deployment.service, span, times) * deployment.most * PRESSED
    half_hours = _by_tokens(deployment.service, span)
    place = np.clip((times - int(span.start.timestamp())) // SCRAPE_SECONDS, 0, len(half_hours) - 1)
    wanted: Floats = half_hours[place] * deployment.most * AT_EASE
    return wanted


@lru_cache(maxsize=4)
def _by_tokens(service: str, span: Span) -> Floats:
    """The work of what the gateway counted, by its scrapes, as a share of that at everybody's peak."""
    flows = [flow for flow in FLOWS if flow.service == service]
    times = scrapes(span.start, span.end, SCRAPE_SECONDS)
    work = sum((_seconds(flow, span, times) for flow in flows), np.zeros(len(times)))
    share: Floats = work / sum(flow.peak * SCRAPE_SECONDS / 3_600 * flow.work for flow in flows)
    return share


def _seconds(flow: Flow, span: Span, times: Seconds) -> Floats:
    computed, cached, output = TOKEN_MICROSECONDS[flow.service]
    what = asked(flow, span, times, SCRAPE_SECONDS)
    read = (what.input_tokens - what.cached_tokens) * computed + what.cached_tokens * cached
    seconds: Floats = (read + what.output_tokens * output) / 1e6
    return seconds
