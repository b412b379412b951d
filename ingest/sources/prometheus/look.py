"""What a Prometheus has of the signals that it is asked for: metrics, and spellings of labels."""

from collections.abc import Sequence
from datetime import timedelta

from ingest.signals.definition import Signal
from ingest.sources.prometheus.client import PrometheusClient
from ingest.telemetry.span import Span
from ingest.telemetry.variants import OWN_LABELS, Choice, Own, exported_labels

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


def exporters_own(client: PrometheusClient, signal: Signal, choice: Choice, span: Span) -> Own:
    """What names the exporter's own pods: plain labels beside exported ones, in the span or a week before."""
    start, end = span.moments()
    own: dict[str, set[str]] = {name: set() for name in OWN_LABELS}
    for exported in exported_labels(choice):
        for name in OWN_LABELS:
            selector = f'{signal.metric}{{{exported}!=""}}'
            own[name] |= client.label_values(name, selector, start - LOOK_BACK, end) - {""}
    return own
