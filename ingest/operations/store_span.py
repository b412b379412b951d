"""Readings of a span become facts, through the doors of attribution."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from attribution.operations.interning import (
    DeviceName,
    HolderName,
    intern_devices,
    intern_holders,
    intern_labels,
    intern_models,
)
from attribution.operations.record_measures import MeasureRow, record_measures
from attribution.operations.record_phases import PhaseRow, record_phases
from attribution.operations.record_strips import Strips, record_strips
from attribution.operations.record_transfers import TransferRow, record_transfers
from attribution.operations.record_usage import UsageRow, record_usage
from ingest.signals.definition import Signal
from ingest.sources.errors import SourceError
from ingest.telemetry import measures as counts
from ingest.telemetry import phases
from ingest.telemetry.measures import MeasureKey, measures_of
from ingest.telemetry.names import Device
from ingest.telemetry.phases import PhaseKey, phases_of
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import HOUR, Span
from ingest.telemetry.strips import NamedStrips, strips_of
from ingest.telemetry.transfers import TransferKey, transfers_of
from ingest.telemetry.usage import Label, UsageKey, levels_of, usage_of

Runs = Sequence[tuple[datetime, datetime]]


def store_span(
    *,
    source_id: int,
    cluster_id: int | None,
    signals: Sequence[Signal],
    readings: Sequence[Reading],
    span: Span,
    answered: NDArray[np.bool_],
    lately: Mapping[Device, str] | None = None,
    stands_seconds: int = 60,
) -> None:
    """Replace what the source said in the hours of `span` that it `answered` [hours]; all or nothing.

    Hours without any sample keep what is known of them: a source that forgot its past proves nothing.
    A sample stands for `stands_seconds`. Raises SourceError where devices have no cluster to belong to.
    """
    runs = _runs(answered, span)
    strips = strips_of(readings, span, lately, handover=-(-stands_seconds // 60))
    if len(strips.hour) and cluster_id is None:
        raise SourceError("the source shows devices, and has no cluster in the configuration")
    usage, transfers = usage_of(readings, span), transfers_of(readings, span)
    with transaction.atomic():
        if cluster_id is not None:
            _store_strips(source_id, cluster_id, strips, runs)
        for level in levels_of(signals):
            rows = _usage_rows({key: row for key, row in usage.items() if key.level == level})
            for start, end in runs:
                record_usage(
                    source_id=source_id,
                    cluster_id=cluster_id or 0,
                    level=level,
                    rows=[row for row in rows if start <= row.hour < end],
                    replace_hours=(start, end),
                )
        if any(signal.fact.startswith("transfer.") for signal in signals):
            _store_transfers(source_id, cluster_id or 0, transfers, runs)
        if any(signal.fact.startswith(counts.FACT) for signal in signals):
            _store_measures(source_id, cluster_id or 0, measures_of(readings, span), runs)
        if any(signal.fact.startswith(phases.FACT) for signal in signals):
            _store_phases(source_id, cluster_id or 0, phases_of(readings, span), runs)


def _runs(answered: NDArray[np.bool_], span: Span) -> list[tuple[datetime, datetime]]:
    """Spans of hours without a break in which the source answered something."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], answered, [False]]).astype(np.int8)))
    return [(span.hour(int(a)), span.hour(int(b))) for a, b in edges.reshape(-1, 2)]


def _store_strips(source_id: int, cluster_id: int, strips: NamedStrips, runs: Runs) -> None:
    used = np.unique(strips.device)
    devices = np.zeros(len(strips.devices), dtype=np.int32)
    devices[used] = intern_devices(
        cluster_id, [DeviceName(d.node, d.uuid, model) for d, model in _at(strips, used)]
    )
    held = np.unique(strips.holder[strips.holder > 0])
    holders = np.zeros(len(strips.containers) + 1, dtype=np.int32)
    holders[held] = intern_holders(
        cluster_id, [HolderName(*strips.containers[place - 1]) for place in held.tolist()]
    )
    device_id, holder_id = devices[strips.device], holders[strips.holder]
    for start, end in runs:
        chosen = _hours_between(strips.hour, start, end)
        record_strips(
            source_id=source_id,
            cluster_id=cluster_id,
            start=start,
            end=end,
            strips=Strips(
                strips.hour[chosen],
                device_id[chosen],
                holder_id[chosen],
                {name: values[chosen] for name, values in strips.signals.items()},
                strips.slice[chosen],
                strips.slices[chosen],
                strips.of_slices[chosen],
            ),
        )


def _at(strips: NamedStrips, places: NDArray[np.int64]) -> list[tuple[Device, str]]:
    return [(strips.devices[place], strips.models[place]) for place in places.tolist()]


def _hours_between(hour: NDArray[np.int64], start: datetime, end: datetime) -> slice:
    """Rows are sorted by hour: a slice copies nothing."""
    first, last = np.searchsorted(hour, [int(start.timestamp()), int(end.timestamp()) - HOUR + 1])
    return slice(int(first), int(last))


def _usage_rows(usage: Mapping[UsageKey, Mapping[str, int]]) -> list[UsageRow]:
    labels = _label_ids(label for key in usage for label in (key.service, key.tenant) if label)
    models = _model_ids(key.model for key in usage)
    return [
        UsageRow(
            hour=key.hour,
            service_label_id=labels[key.service] if key.service else 0,
            tenant_label_id=labels[key.tenant] if key.tenant else 0,
            model_id=models[key.model] if key.model else 0,
            outcome=key.outcome,
            requests=measures.get("requests"),
            duration_us=measures.get("duration_us"),
            engine_us=measures.get("engine_us"),
            input_tokens=measures.get("input_tokens"),
            cached_tokens=measures.get("cached_tokens"),
            output_tokens=measures.get("output_tokens"),
        )
        for key, measures in usage.items()
    ]


def _label_ids(labels: Iterable[Label]) -> dict[Label, int]:
    wanted = sorted(set(labels))
    return dict(zip(wanted, intern_labels(wanted), strict=True)) if wanted else {}


def _model_ids(names: Iterable[str | None]) -> dict[str, int]:
    wanted = sorted({name for name in names if name})
    return dict(zip(wanted, intern_models(wanted), strict=True)) if wanted else {}


def _store_transfers(
    source_id: int, cluster_id: int, transfers: Mapping[TransferKey, int], runs: Runs
) -> None:
    pods = _label_ids(("pod", pod) for _, _, pod in transfers)
    rows = [TransferRow(hour, name, pods["pod", pod], size) for (hour, name, pod), size in transfers.items()]
    for start, end in runs:
        record_transfers(
            source_id=source_id,
            cluster_id=cluster_id,
            start=start,
            end=end,
            rows=[row for row in rows if start <= row.hour < end],
        )


def _store_measures(source_id: int, cluster_id: int, measures: Mapping[MeasureKey, int], runs: Runs) -> None:
    labels = _label_ids(label for key in measures for label in (key.service, key.tenant) if label)
    models = _model_ids(key.model for key in measures)
    rows = [
        MeasureRow(
            key.hour,
            key.what,
            labels[key.service] if key.service else 0,
            labels[key.tenant] if key.tenant else 0,
            models[key.model] if key.model else 0,
            quantity,
        )
        for key, quantity in measures.items()
    ]
    for start, end in runs:
        record_measures(
            source_id=source_id,
            cluster_id=cluster_id,
            start=start,
            end=end,
            rows=[row for row in rows if start <= row.hour < end],
        )


def _store_phases(
    source_id: int, cluster_id: int, found: Mapping[PhaseKey, Mapping[str, int]], runs: Runs
) -> None:
    labels = _label_ids(key.service for key in found if key.service)
    models = _model_ids(key.model for key in found)
    rows = [
        PhaseRow(
            key.hour,
            labels[key.service] if key.service else 0,
            models[key.model] if key.model else 0,
            **measures,
        )
        for key, measures in found.items()
    ]
    for start, end in runs:
        record_phases(
            source_id=source_id,
            cluster_id=cluster_id,
            start=start,
            end=end,
            rows=[row for row in rows if start <= row.hour < end],
        )
