"""Strips of devices that are cut into slices, or shared, for tests with a database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from attribution.operations.interning import DeviceName, HolderName, intern_devices, intern_holders
from attribution.operations.record_strips import Strips, record_strips
from tests.support.fleet import NAN, Fleet

DEFAULTS = {"node_ready": 1.0, "held": 1.0, "ready": 1.0, "busy": 0.5, "pending": NAN}


@dataclass(frozen=True)
class Part:
    """A row: a pod ("" for nobody) on a slice of a device of a node. Signals are figures or 60 of them."""

    node: str
    pod: str
    slice: int = 0
    slices: int = 1
    of: int = 1
    device: str = "0"
    model: str = "A100"
    namespace: str = "ns"
    signals: dict[str, Any] = field(default_factory=dict)


def parts_hour(fleet: Fleet, hour: datetime, parts: Sequence[Part]) -> None:
    """Record one hour of these rows, in place of what the telemetry of the fleet said of it."""
    devices = [DeviceName(part.node, f"GPU-{part.node}-{part.device}", part.model) for part in parts]
    holders = intern_holders(
        fleet.cluster.pk, [HolderName(part.namespace, part.pod or "-", "main") for part in parts]
    )
    signals = {
        name: np.array([np.broadcast_to(_signal(part, name, value), 60) for part in parts], dtype=np.float32)
        for name, value in DEFAULTS.items()
    }
    record_strips(
        source_id=fleet.telemetry.pk,
        cluster_id=fleet.cluster.pk,
        start=hour,
        end=hour.replace(minute=59),
        strips=Strips(
            hour=np.full(len(parts), int(hour.timestamp()), dtype=np.int64),
            device_id=np.array(intern_devices(fleet.cluster.pk, devices), dtype=np.int32),
            holder_id=np.array([h if p.pod else 0 for h, p in zip(holders, parts, strict=True)], np.int32),
            signals=signals,
            slice=np.array([part.slice for part in parts], np.int32),
            slices=np.array([part.slices for part in parts], np.int32),
            of_slices=np.array([part.of for part in parts], np.int32),
        ),
    )


def _signal(part: Part, name: str, default: float) -> Any:
    if name == "held" and not part.pod:
        default = 0.0
    return part.signals.get(name, default)
