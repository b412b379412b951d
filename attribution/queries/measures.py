"""What was counted beside requests in the hours of a cluster."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.models.source import Source, SourceKind


class MeasureFact(NamedTuple):
    """A quantity of one measure by labels and model (0: not named), summed over sources."""

    hour: datetime
    cluster_id: int
    what: str
    service_label_id: int
    tenant_label_id: int
    model_id: int
    quantity: int


def measures_of(cluster_id: int, hours: Sequence[datetime]) -> list[MeasureFact]:
    """Of a cluster and of what belongs to none; of all clusters for 0, where a bill asks for them.

    A tool call that a gateway and a provider both counted is one: in hours in which anybody else counted tool
    calls, those of providers' usage reports are left out. Gateways know the tenant, reports a key at most.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, cluster_id, what, service_label_id, tenant_label_id, model_id,
                      sum(quantity)::bigint
                 FROM measure_hour m
                WHERE hour = ANY(%(hours)s)
                  AND NOT (what = 'tool_calls' AND source_id = ANY(%(providers)s) AND EXISTS (
                        SELECT FROM measure_hour o
                         WHERE o.hour = m.hour AND o.what = 'tool_calls' AND o.quantity > 0
                           AND o.source_id <> ALL(%(providers)s)))
                  AND (cluster_id IN (%(cluster)s, 0) OR (%(cluster)s = 0 AND hour IN (
                        SELECT p.hour FROM bill_pool p JOIN bill b ON b.id = p.bill_id AND b.current
                         WHERE p.cluster_id = 0 AND p.kind IN ('storage', 'tool_calls', 'observability')
                           AND p.hour = ANY(%(hours)s))))
                GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6""",
            {"cluster": cluster_id, "hours": list(hours), "providers": _usage_reports()},
        )
        return [MeasureFact(*row) for row in cursor.fetchall()]


def _usage_reports() -> list[int]:
    """Sources whose counts are those of a provider's own usage report."""
    kinds = [SourceKind.OPENAI, SourceKind.ANTHROPIC]
    return list(Source.objects.filter(kind__in=kinds).order_by("pk").values_list("pk", flat=True))
