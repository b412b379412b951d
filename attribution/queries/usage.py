"""What was counted in the hours of a cluster."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection


class UsageFact(NamedTuple):
    """Summed over sources and batches; None where no source knows. Labels and model 0: not named."""

    hour: datetime
    cluster_id: int
    level: str
    service_label_id: int
    tenant_label_id: int
    model_id: int
    outcome: str
    requests: int | None
    duration_us: int | None
    engine_us: int | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None


class TransferFact(NamedTuple):
    """Bytes of one class of route from one pod (label `namespace/pod`)."""

    hour: datetime
    transfer_class: str
    pod_label_id: int
    bytes: int


def usage_of(cluster_id: int, hours: Sequence[datetime]) -> list[UsageFact]:
    """Usage of the cluster and of gateways of no single cluster, in a stable order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, cluster_id, level, service_label_id, tenant_label_id, model_id, outcome,
                      sum(requests)::bigint, sum(duration_us)::bigint, sum(engine_us)::bigint,
                      sum(input_tokens)::bigint, sum(cached_tokens)::bigint, sum(output_tokens)::bigint
                 FROM usage_hour WHERE cluster_id IN (%s, 0) AND hour = ANY(%s)
                GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7""",
            [cluster_id, list(hours)],
        )
        return [UsageFact(*row) for row in cursor.fetchall()]


def transfers_of(cluster_id: int, hours: Sequence[datetime]) -> list[TransferFact]:
    """Transfers from the cluster's pods, in a stable order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, class, pod_label_id, sum(bytes)::bigint
                 FROM transfer_hour WHERE cluster_id = %s AND hour = ANY(%s)
                GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
            [cluster_id, list(hours)],
        )
        return [TransferFact(*row) for row in cursor.fetchall()]
