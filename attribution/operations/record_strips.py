"""What a source said of a cluster's devices, replaced by the window."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from attribution.domain.device_parts import PARTS
from attribution.domain.inputs import pack
from attribution.operations.extend_lives import extend_lives
from attribution.operations.partitions import make_partitions
from attribution.operations.windows import mark_dirty
from attribution.wire.connection import copy_in
from attribution.wire.strips import SIGNALS, encode

COLUMNS = (
    "hour, cluster_id, device_id, holder_id, source_id, slice, slices, of_slices, "
    "node_ready, held, ready, busy, pending, memory, inputs"
)
COPY_STRIPS = f"COPY device_strip ({COLUMNS}) FROM STDIN (FORMAT BINARY)"


@dataclass(frozen=True)
class Strips:
    """Columns of `device_strip`: `hour` in epoch seconds [n], ids int32 [n], signals float32 [n, 60].

    A signal that is not in the mapping was not there at all; NaN is a minute without a sample. A row of a
    slice (int32 [n]; 0: a whole device) is `slices` of the device's `of_slices`, and `held` is −1 in minutes
    in which it is not there; several holders of one slice in a minute share it, and `held` is how many
    replicas each asked for.
    """

    hour: NDArray[np.int64]
    device_id: NDArray[np.int32]
    holder_id: NDArray[np.int32]
    signals: dict[str, NDArray[np.float32]]
    slice: NDArray[np.int32] | int = 0
    slices: NDArray[np.int32] | int = 1
    of_slices: NDArray[np.int32] | int = 1

    def __post_init__(self) -> None:
        unknown = set(self.signals) - set(SIGNALS)
        if unknown:
            raise ValueError(f"signals {sorted(unknown)} are none of {', '.join(SIGNALS)}")
        if np.any(PARTS % np.asarray(self.of_slices)):
            raise ValueError(f"a device of as many slices as do not divide {PARTS}: {self.of_slices}")


def record_strips(*, source_id: int, cluster_id: int, start: datetime, end: datetime, strips: Strips) -> None:
    """Replace all that this source said of the cluster's devices in [start, end).

    Raises ValueError for a row outside the window, and psycopg's IntegrityError when another source has the
    same device and holder in one of these hours (a device belongs to one source), or when slices that are
    there at one time are more than their device.
    """
    if len(strips.hour) and (strips.hour.min() < start.timestamp() or strips.hour.max() >= end.timestamp()):
        raise ValueError(f"a strip lies outside of {start:%Y-%m-%dT%H:%MZ} to {end:%Y-%m-%dT%H:%MZ}")
    with transaction.atomic():
        make_partitions(start, end)
        touched = _delete(source_id, cluster_id, start, end)
        keys: dict[str, Any] = {
            "cluster_id": cluster_id,
            "device_id": strips.device_id,
            "holder_id": strips.holder_id,
            "source_id": source_id,
            "slice": strips.slice,
            "slices": strips.slices,
            "of_slices": strips.of_slices,
        }
        inputs = pack(strips.signals, len(strips.hour))
        copy_in(COPY_STRIPS, encode(strips.hour, keys, strips.signals, inputs))
        touched |= {datetime.fromtimestamp(int(hour), UTC) for hour in np.unique(strips.hour)}
        touched |= extend_lives(strips.hour, strips.device_id, _sampled(strips.signals), start, end)
        mark_dirty(cluster_id=cluster_id, hours=touched, strips=True)


def _delete(source_id: int, cluster_id: int, start: datetime, end: datetime) -> set[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH gone AS (DELETE FROM device_strip WHERE cluster_id = %s AND source_id = %s
                                AND hour >= %s AND hour < %s RETURNING hour)
               SELECT DISTINCT hour FROM gone""",
            [cluster_id, source_id, start, end],
        )
        return {row[0] for row in cursor.fetchall()}


def _sampled(signals: dict[str, NDArray[np.float32]]) -> NDArray[np.bool_]:
    """[n, 60]: minutes in which the device itself was seen. That its node lives says nothing of it."""
    seen = [~np.isnan(signals[name]) for name in ("held", "busy", "memory") if name in signals]
    if not seen:
        return np.zeros((len(next(iter(signals.values()), np.empty((0, 60)))), 60), dtype=bool)
    sampled: NDArray[np.bool_] = np.logical_or.reduce(seen)
    return sampled
