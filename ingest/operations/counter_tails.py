"""Carry counters over from file to file."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from ingest.models import CounterTail
from ingest.sources.openmetrics.labels import Named
from ingest.sources.openmetrics.parse import Samples

# As long as a Prometheus is asked for a counter's last sample before a span.
BEFORE = timedelta(days=1)


def with_tails(*, source_id: int, samples: Samples) -> Samples:
    """The samples, with what earlier files of the source said last of the same counters before them."""
    start = datetime.fromtimestamp(int(samples.times.min()) / 1000, UTC)
    tails = CounterTail.objects.filter(source_id=source_id, at__gte=start - BEFORE, at__lt=start)
    places = {_digest(named): place for place, named in enumerate(samples.names)}
    found = [
        (places[series], round(at.timestamp() * 1000), value)
        for series, at, value in tails.values_list("series", "at", "value")
        if series in places
    ]
    if not found:
        return samples
    series, times, values = zip(*found, strict=True)
    return replace(
        samples,
        series=np.concatenate([samples.series, np.array(series, dtype=np.int32)]),
        times=np.concatenate([samples.times, np.array(times, dtype=np.int64)]),
        values=np.concatenate([samples.values, np.array(values)]),
    )


def keep_tails(*, source_id: int, samples: Samples, counters: Collection[str]) -> None:
    """Write down the last finite sample of every counter."""
    order = np.lexsort((samples.times, samples.series))
    series = samples.series[order]
    last = order[np.flatnonzero(np.append(series[1:] != series[:-1], True))] if len(order) else order
    rows = [
        CounterTail(
            source_id=source_id,
            series=_digest(samples.names[samples.series[place]]),
            at=datetime.fromtimestamp(int(samples.times[place]) / 1000, UTC),
            value=float(samples.values[place]),
        )
        for place in last
        if samples.names[samples.series[place]].metric in counters and np.isfinite(samples.values[place])
    ]
    CounterTail.objects.bulk_create(
        rows,
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["source", "series", "at"],
        update_fields=["value"],
    )


def _digest(named: Named) -> str:
    # A digest: labels may be longer than an index takes.
    return hashlib.sha256(json.dumps([named.metric, dict(named.labels)]).encode()).hexdigest()
