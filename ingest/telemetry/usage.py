"""Counters of gateways and runtimes become hourly usage."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np

from ingest.signals.definition import MEASURES, Signal
from ingest.telemetry.increases import hourly
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span

Label = tuple[str, str]  # kind and value


class UsageKey(NamedTuple):
    """What usage is told apart by; a label or model is None where the source named nobody."""

    level: str
    hour: datetime
    service: Label | None
    tenant: Label | None
    model: str | None
    outcome: str


def usage_of(readings: Iterable[Reading], span: Span) -> dict[UsageKey, dict[str, int]]:
    """Measures by key, whole numbers; a measure that nobody read in the hour is left out.

    Runtimes count tokens and seconds for requests that ended well, and do not say the outcome with them:
    such measures stand with the successes.
    """
    sums: dict[UsageKey, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for reading in readings:
        signal = reading.signal
        if not signal.fact.startswith("usage."):
            continue
        measure = signal.fact.removeprefix("usage.")
        added = hourly(reading)
        for series, row in zip(reading.series, added, strict=True):
            for place in np.flatnonzero(~np.isnan(row)):
                key = _key(signal, series, span.hour(int(place)))
                sums[key][measure] += float(row[place])
    return {key: _whole(measures) for key, measures in sums.items() if any(measures.values())}


def levels_of(signals: Iterable[Signal]) -> list[str]:
    """The levels that these signals speak of."""
    return sorted({signal.usage.level for signal in signals if signal.fact.startswith("usage.")})


def _whole(measures: Mapping[str, float]) -> dict[str, int]:
    return {name: round(measures[name]) for name in MEASURES if name in measures}


def _key(signal: Signal, series: Mapping[str, str], hour: datetime) -> UsageKey:
    return UsageKey(
        signal.usage.level,
        hour,
        label_of_service(signal, series),
        label_of_tenant(signal, series),
        series.get("model"),
        _outcome(signal, series.get("status", "")),
    )


def label_of_service(signal: Signal, series: Mapping[str, str]) -> Label | None:
    """What of a series names the service: the first that the signal's file lists and the series has."""
    return next(_services(signal, series), None)


def label_of_tenant(signal: Signal, series: Mapping[str, str]) -> Label | None:
    """What of a series names the tenant."""
    tenant = series.get("tenant")
    return (signal.usage.tenant, tenant) if tenant else None


def _services(signal: Signal, series: Mapping[str, str]) -> Iterator[Label]:
    for kind in signal.usage.service:
        if kind == "pod" and "pod" in series:
            yield "pod", f"{series.get('namespace', '')}/{series['pod']}"
        elif kind != "pod" and kind in series:
            yield kind, series[kind]


def _outcome(signal: Signal, status: str) -> str:
    """The first outcome with a pattern that fits; a status that no pattern knows is a failure."""
    if not signal.outcomes:
        return "success"
    for outcome, patterns in signal.outcomes:
        if any(fnmatchcase(status, pattern) for pattern in patterns):
            return outcome
    return "failed"
