"""Hour strips of a cluster, as arrays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from attribution.domain.inputs import PACKED, unpack
from attribution.wire.connection import copy_out
from attribution.wire.strips import decode

# Attribution has no use for memory.
SIGNALS = (*PACKED, "busy")
_READ = """COPY (
    SELECT hour, device_id, holder_id, coalesce(busy, array_fill('NaN'::real, ARRAY[60])), inputs
      FROM device_strip WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s)
) TO STDOUT (FORMAT BINARY)"""


def read_strips(cluster_id: int, hours: Sequence[datetime]) -> dict[str, Any]:
    """Strips of these hours: `hour` epoch seconds [n], `device_id`, `holder_id` [n], SIGNALS [n, 60].

    Sorted by hour, device and holder; NaN is a minute without a sample, and of what is packed only zero and
    more than zero are told apart.
    """
    data = copy_out(_READ, {"cluster": cluster_id, "hours": list(hours)})
    strips = decode(data, ("device_id", "holder_id"), ["busy"])
    order = np.lexsort((strips["holder_id"], strips["device_id"], strips["hour"]))
    strips = {name: values[order] for name, values in strips.items()}
    return strips | unpack(strips.pop("inputs"))
