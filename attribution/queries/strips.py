"""Hour strips of a cluster, as arrays.

PostgreSQL needs 70 ns to send one element of an array, which is most of what attribution costs. A ready node
that is held all hour says "1" sixty times: such strips are told by a flag, and only the others are sent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.wire.connection import copy_out
from attribution.wire.strips import MINUTES, decode

KEYS = ("device_id", "holder_id")
# Signals that mostly stay 1 for the whole hour.
FLAGGED = ("node_ready", "held", "ready")
# Attribution has no use for memory.
SIGNALS = ("node_ready", "held", "ready", "busy", "pending")
_NOTHING, _ONES, _SENT = 0, 1, 2
_ONES_ARRAY = f"array_fill(1::real, ARRAY[{MINUTES}])"
_NAN_ARRAY = f"array_fill('NaN'::real, ARRAY[{MINUTES}])"
_WHERE = "FROM device_strip WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s)"


def read_strips(cluster_id: int, hours: Sequence[datetime]) -> dict[str, Any]:
    """Strips of these hours: `hour` epoch seconds [n], `device_id`, `holder_id` [n], SIGNALS [n, 60].

    Sorted by hour, device and holder; NaN is a minute without a sample.
    """
    parameters = {"cluster": cluster_id, "hours": list(hours)}
    flags = ", ".join(
        f"CASE WHEN {name} IS NULL THEN {_NOTHING} WHEN {name} = {_ONES_ARRAY} THEN {_ONES} ELSE {_SENT} END"
        for name in FLAGGED
    )
    always = ("busy", "pending") if _some_pending(parameters) else ("busy",)
    columns = ", ".join(f"coalesce({name}, {_NAN_ARRAY})" for name in always)
    strips = _read(f"{flags}, {columns}", "", (*KEYS, *FLAGGED), always, parameters)
    for name in FLAGGED:
        strips[name] = _unflag(strips[name], name, parameters)
    if "pending" not in strips:
        strips["pending"] = np.full_like(strips["busy"], np.nan)
    return strips


def _some_pending(parameters: dict[str, Any]) -> bool:
    """Whether any strip of these hours tells of waiting requests: many sources have no such signal."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT {_WHERE} AND pending IS NOT NULL)", parameters)
        return bool(cursor.fetchone()[0])


def _unflag(flag: NDArray[np.int32], name: str, parameters: dict[str, Any]) -> NDArray[np.float32]:
    """The signal of all rows [n, 60], from their flags and the strips that are not all ones."""
    values = np.full((len(flag), MINUTES), np.nan, dtype=np.float32)
    values[flag == _ONES] = 1
    sent = flag == _SENT
    if sent.any():
        # In the same order as the flags. The caller holds the windows' locks, so no row changes in between.
        values[sent] = _read(name, f"AND {name} <> {_ONES_ARRAY}", KEYS, (name,), parameters)[name]
    return values


def _read(
    columns: str, condition: str, keys: Sequence[str], signals: Sequence[str], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Rows of hour, device, holder and constant `columns`, sorted; names and fragments are this module's."""
    statement = f"COPY (SELECT hour, device_id, holder_id, {columns} {_WHERE} {condition}) "
    data = copy_out(statement + "TO STDOUT (FORMAT BINARY)", parameters)
    strips = decode(data, keys, signals)
    order = np.lexsort((strips["holder_id"], strips["device_id"], strips["hour"]))
    return {name: values[order] for name, values in strips.items()}
