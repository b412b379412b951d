"""Hour strips of a cluster, as arrays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.domain.inputs import PACKED, unpack
from attribution.wire.columns import Kind, read_columns

# Attribution has no use for memory.
SIGNALS = (*PACKED, "busy")
KEYS = ("device_id", "holder_id", "slice", "slices", "of_slices")
_READ = """SELECT hour, device_id, holder_id, slice, slices, of_slices,
                  coalesce(busy, array_fill('NaN'::real, ARRAY[60])) AS busy, inputs
             FROM device_strip WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s)"""
_COLUMNS = {
    "hour": Kind.SECONDS, **dict.fromkeys(KEYS, Kind.SMALL), "busy": Kind.SIGNAL, "inputs": Kind.BYTES
}  # fmt: skip

_ASKED = """SELECT hour, device_id, slice, slices, holder_id, held FROM device_strip
             WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s) AND device_id = ANY(%(devices)s)
               AND held IS NOT NULL"""


def read_strips(cluster_id: int, hours: Sequence[datetime]) -> dict[str, Any]:
    """Strips of these hours: `hour` epoch seconds [n], KEYS [n], SIGNALS [n, 60].

    Sorted by hour, device, slice and holder; NaN is a minute without a sample, and of what is packed only
    the sign is told.
    """
    strips = read_columns(_READ, {"cluster": cluster_id, "hours": list(hours)}, _COLUMNS)
    order = np.lexsort(
        (strips["holder_id"], strips["slices"], strips["slice"], strips["device_id"], strips["hour"])
    )
    strips = {name: values[order] for name, values in strips.items()}
    return strips | unpack(strips.pop("inputs"))


def strips_of(cluster_id: int, hours: Sequence[datetime]) -> dict[datetime, int]:
    """How many strips there are of each hour; hours without any are not named."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, count(*) FROM device_strip
                WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s) GROUP BY hour""",
            {"cluster": cluster_id, "hours": list(hours)},
        )
        return dict(cursor.fetchall())


def replicas_asked(
    cluster_id: int, hours: Sequence[datetime], strips: dict[str, Any], chosen: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """[n, 60]: how many replicas the holder of each chosen row asked for; NaN in the others."""
    asked = np.full((len(chosen), 60), np.nan, dtype=np.float32)
    devices = np.unique(strips["device_id"][chosen]).tolist()
    if not devices:
        return asked
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, {"cluster": cluster_id, "hours": list(hours), "devices": devices})
        told = {(int(hour.timestamp()), *key): held for hour, *key, held in cursor.fetchall()}
    keys = zip(
        *(strips[name].tolist() for name in ("hour", "device_id", "slice", "slices", "holder_id")),
        strict=True,
    )
    for row, key in enumerate(keys):
        if chosen[row] and key in told:
            asked[row] = told[key]
    return asked
