"""What a Prometheus has of the signals that it is asked for: metrics, and spellings of labels."""

from collections.abc import Sequence
from datetime import timedelta

from ingest.signals.definition import Signal
from ingest.sources.prometheus.client import PrometheusClient
from ingest.telemetry.span import Span

# Far enough back to see how pods are spelled where nobody holds a device just now.
LOOK_BACK = timedelta(days=7)


def existing_labels(
    client: PrometheusClient, signals: Sequence[Signal], span: Span
) -> dict[str, frozenset[str]]:
    """Label names of every metric that had samples in the span or the week before it."""
    start, end = span.moments()
    start -= LOOK_BACK
    wanted = sorted({signal.metric for signal in signals if signal.metric})
    found = client.metrics(wanted, start, end) if wanted else set()
    return {metric: frozenset(client.labels(metric, start, end)) for metric in sorted(found)}
