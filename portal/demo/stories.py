"""What happens in the demo besides the daily round; docs/demo.md says which question each answers."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.demo.rhythm import Floats
from portal.demo.span import HOUR, Seconds, Span

USUAL_FAILURES = 0.004


class Stretch(NamedTuple):
    """From when to when something is the matter."""

    start: datetime
    end: datetime

    def holds(self, times: Seconds) -> NDArray[np.bool_]:
        """In which of these epoch seconds it is."""
        held: NDArray[np.bool_] = (times >= self.start.timestamp()) & (times < self.end.timestamp())
        return held


def incident(span: Span) -> Stretch:
    """A node of the Oslo cluster loses its container runtime for six hours of a working day."""
    start = span.back(12, 9.0) + timedelta(minutes=20)
    return Stretch(start, start + 6 * HOUR)


def incident_node(count: int) -> int:
    """Which of the `count` nodes of the Oslo pool it is: the second, or the only one."""
    return min(1, count - 1)


def exporter_silent(span: Span) -> Stretch:
    """The metrics of the first Frankfurt node are missing: nobody knows what its devices did."""
    return Stretch(span.back(7, 13.0), span.back(7, 18.0))


def storage_stall(span: Span) -> Stretch:
    """Replicas hold requests and do not compute: their adapters come from a slow file system."""
    return Stretch(span.back(20, 14.0), span.back(20, 17.0))


def late_from(span: Span) -> datetime:
    """Microsoft's bill has not arrived for the days from here on."""
    return span.back(max(1, min(6, span.days // 3)))


def failing(service: str, span: Span, times: Seconds) -> Floats:
    """Share of requests that fail, at epoch seconds."""
    share = np.full(len(times), USUAL_FAILURES)
    if service == "chat-large":
        trouble = incident(span)
        share[trouble.holds(times)] = 0.03
        # Until the router has noticed, requests to the lost replicas fail.
        share[Stretch(trouble.start, trouble.start + 2 * HOUR).holds(times)] = 0.22
    return share
