"""What was counted in the hours of a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.wire.columns import Kind, read_columns

Int64 = NDArray[np.int64]
# Measures of a usage row, in the order of the query below.
MEASURES = ("requests", "duration_us", "engine_us", "input_tokens", "cached_tokens", "output_tokens")
_KEYS = ("hour", "cluster_id", "engine", "service_label_id", "tenant_label_id", "model_id", "outcome")
OUTCOMES = ("success", "failed", "unfinished")


@dataclass(frozen=True)
class UsageFacts:
    """Usage in columns, a row for each source and batch, sorted by hour; −1 is unknown.

    `hour` is an index into the hours asked for, `outcome` one into OUTCOMES. Labels and model 0: not named.
    """

    hour: Int64
    cluster_id: Int64
    engine: NDArray[np.bool_]
    service_label_id: Int64
    tenant_label_id: Int64
    model_id: Int64
    outcome: Int64
    measures: dict[str, Int64]


class TransferFact(NamedTuple):
    """Bytes of one class of route from one pod (label `namespace/pod`) of a cluster."""

    hour: datetime
    transfer_class: str
    pod_label_id: int
    bytes: int
    cluster_id: int


def usage_of(cluster_id: int, hours: Sequence[datetime]) -> UsageFacts:
    """Usage of the cluster and of gateways of no single cluster; what providers count comes beside it."""
    # Whole numbers only, and summed later: times, texts and numeric sums take longer than all the rest.
    rows = read_columns(
        """SELECT array_position(%(hours)s::timestamptz[], hour) - 1 AS hour, cluster_id,
                  (level = 'engine')::int AS engine, service_label_id, tenant_label_id, model_id,
                  CASE outcome WHEN 'success' THEN 0 WHEN 'failed' THEN 1 ELSE 2 END AS outcome,
                  coalesce(requests, -1) AS requests, coalesce(duration_us, -1) AS duration_us,
                  coalesce(engine_us, -1) AS engine_us, coalesce(input_tokens, -1) AS input_tokens,
                  coalesce(cached_tokens, -1) AS cached_tokens, coalesce(output_tokens, -1) AS output_tokens
             FROM usage_hour
            WHERE cluster_id IN (%(cluster)s, 0) AND hour = ANY(%(hours)s) AND level <> 'provider'""",
        {"hours": list(hours), "cluster": cluster_id},
        dict.fromkeys((*_KEYS, *MEASURES), Kind.NUMBER),
    )
    order = np.argsort(rows["hour"], kind="stable")
    rows = {name: values[order] for name, values in rows.items()}
    engine, keys = rows["engine"].astype(bool), {name: rows[name] for name in _KEYS if name != "engine"}
    return UsageFacts(engine=engine, measures={name: rows[name] for name in MEASURES}, **keys)


def transfers_of(cluster_id: int, hours: Sequence[datetime]) -> list[TransferFact]:
    """Transfers from the cluster's pods, in a stable order.

    For cluster 0 those of all clusters, in the hours in which a bill has transfer of no single cluster: a
    gateway of the account, or egress that names no machine.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, class, pod_label_id, sum(bytes)::bigint, cluster_id
                 FROM transfer_hour
                WHERE hour = ANY(%(hours)s)
                  AND (cluster_id = %(cluster)s OR (%(cluster)s = 0 AND hour IN (
                        SELECT p.hour FROM bill_pool p JOIN bill b ON b.id = p.bill_id AND b.current
                         WHERE p.cluster_id = 0 AND p.kind IN ('network', 'egress')
                           AND p.hour = ANY(%(hours)s))))
                GROUP BY hour, class, pod_label_id, cluster_id ORDER BY 1, 2, 5, 3""",
            {"cluster": cluster_id, "hours": list(hours)},
        )
        return [TransferFact(*row) for row in cursor.fetchall()]
