"""Hour strips of a cluster, as arrays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from attribution.wire.connection import copy_out
from attribution.wire.strips import MINUTES, decode

# Attribution has no use for memory.
SIGNALS = ("node_ready", "held", "ready", "busy", "pending")
_WHERE = "FROM device_strip WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s)"


def read_strips(cluster_id: int, hours: Sequence[datetime]) -> dict[str, Any]:
    """Strips of these hours: `hour` epoch seconds [n], `device_id`, `holder_id` [n], signals [n, 60].

    In no order; NaN is a minute without a sample.
    """
    parameters = {"cluster": cluster_id, "hours": list(hours)}
    never, sometimes = _nulls(parameters)
    # Rows of one width are decoded at once. Replacing nulls costs as much as reading, so only where needed.
    columns = [
        f"coalesce({name}, array_fill('NaN'::real, ARRAY[{MINUTES}]))" if name in sometimes else name
        for name in SIGNALS
        if name not in never
    ]
    statement = f"COPY (SELECT {', '.join(['hour', 'device_id', 'holder_id', *columns])} {_WHERE}) "
    data = copy_out(statement + "TO STDOUT (FORMAT BINARY)", parameters)
    strips = decode(data, ("device_id", "holder_id"), [name for name in SIGNALS if name not in never])
    for name in never:
        strips[name] = np.full((len(strips["hour"]), MINUTES), np.nan, dtype=np.float32)
    return strips


def _nulls(parameters: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Signals that no row of these hours has, and signals that only some rows have."""
    tests = ", ".join(f"count({name})" for name in SIGNALS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {tests} {_WHERE}", parameters)
        total, *counts = cursor.fetchone()
    present = dict(zip(SIGNALS, counts, strict=True))
    never = {name for name, count in present.items() if count == 0}
    return never, {name for name, count in present.items() if 0 < count < total}
