"""Counters of bytes become hourly transfers."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import numpy as np

from ingest.telemetry.increases import hourly
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span

# Hour, class of route, "namespace/pod".
TransferKey = tuple[datetime, str, str]


def transfers_of(readings: Iterable[Reading], span: Span) -> dict[TransferKey, int]:
    """Bytes that left each pod by class; series of no pod are left out, as they are the node's."""
    sums: dict[TransferKey, float] = defaultdict(float)
    for reading in readings:
        fact = reading.signal.fact
        if not fact.startswith("transfer."):
            continue
        added = hourly(reading)
        for series, row in zip(reading.series, added, strict=True):
            pod = series.get("pod")
            if not pod:
                continue
            for place in np.flatnonzero(row > 0):
                key = (
                    span.hour(int(place)),
                    fact.removeprefix("transfer."),
                    f"{series.get('namespace', '')}/{pod}",
                )
                sums[key] += float(row[place])
    return {key: round(total) for key, total in sums.items()}
