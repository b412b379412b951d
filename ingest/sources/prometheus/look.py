"""What a Prometheus has of the signals that it is asked for: metrics, and spellings of labels."""

from collections.abc import Mapping, Sequence, Set
from datetime import timedelta

from ingest.signals.definition import Signal
from ingest.sources.prometheus.client import PrometheusClient
from ingest.telemetry.span import Span
from ingest.telemetry.variants import OWN_LABELS, Own, choose, exported_labels, with_exported

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


def exporters_own(
    client: PrometheusClient, signals: Sequence[Signal], existing: Mapping[str, Set[str]], span: Span
) -> dict[str, Own]:
    """By runtime, what names the exporter's own pods, in the span or a week before.

    These are plain labels beside exported ones, on any of its metrics.
    """
    return {
        runtime: _own(client, [each for each in signals if each.runtime == runtime], existing, span)
        for runtime in {signal.runtime for signal in signals}
    }


def _own(
    client: PrometheusClient, signals: Sequence[Signal], existing: Mapping[str, Set[str]], span: Span
) -> Own:
    start, end = span.moments()
    own: dict[str, set[str]] = {name: set() for name in OWN_LABELS}
    choices = [choose(each, with_exported(each, signals, existing)) for each in signals if each.metric]
    for exported in sorted({label for choice in choices for label in exported_labels(choice)}):
        metrics = sorted({each.metric for each in signals if exported in existing.get(each.metric, ())})
        for name in OWN_LABELS if metrics else ():
            selector = f'{{__name__=~"{"|".join(metrics)}",{exported}!=""}}'
            own[name] |= client.label_values(name, selector, start - LOOK_BACK, end) - {""}
    return own
