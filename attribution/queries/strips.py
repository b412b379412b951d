"""Hour strips of a cluster, as arrays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attribution.wire.connection import copy_out
from attribution.wire.strips import decode

# Attribution has no use for memory; a null array reads as 60 times "no sample".
SIGNALS = ("node_ready", "held", "ready", "busy", "pending")
_READ = """COPY (
    SELECT hour, device_id, holder_id,
           coalesce(node_ready, n), coalesce(held, n), coalesce(ready, n), coalesce(busy, n),
           coalesce(pending, n)
      FROM device_strip, (SELECT array_fill('NaN'::real, ARRAY[60]) AS n) nothing
     WHERE cluster_id = %(cluster)s AND hour = ANY(%(hours)s)
) TO STDOUT (FORMAT BINARY)"""


def read_strips(cluster_id: int, hours: Sequence[datetime]) -> dict[str, Any]:
    """Strips of these hours: `hour` epoch seconds [n], `device_id`, `holder_id` [n], signals [n, 60].

    In no order; NaN is a minute without a sample.
    """
    data = copy_out(_READ, {"cluster": cluster_id, "hours": list(hours)})
    return decode(data, ("device_id", "holder_id"), SIGNALS)
