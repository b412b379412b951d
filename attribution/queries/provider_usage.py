"""What providers and gateways counted of models, for the spend at a provider."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.domain.provider_shares import TokenCount


class ProviderUse(NamedTuple):
    """One hour of a project, a key ("" where it names none) and a model, as the provider's report has it."""

    hour: datetime
    source_id: int
    project: str
    api_key: str
    model: str
    requests: int | None
    tokens: TokenCount


class GatewayCount(NamedTuple):
    """One hour of a service label, tenant label, model and outcome at a gateway of any cluster."""

    hour: datetime
    cluster_id: int
    service_label_id: int
    tenant_label_id: int
    model_id: int
    failed: bool
    requests: int | None
    tokens: TokenCount


def provider_use(source_ids: Iterable[int], start: datetime, end: datetime) -> list[ProviderUse]:
    """Of these sources in [start, end), by hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT u.hour, u.source_id, coalesce(p.value, ''), coalesce(k.value, ''), coalesce(m.name, ''),
                      u.requests, u.input_tokens, u.cached_tokens, u.cache_write_tokens, u.output_tokens
                 FROM usage_hour u
                 LEFT JOIN label p ON p.id = u.service_label_id
                 LEFT JOIN label k ON k.id = u.tenant_label_id AND k.kind = 'api_key'
                 LEFT JOIN served_model m ON m.id = u.model_id
                WHERE u.level = 'provider' AND u.source_id = ANY(%s) AND u.hour >= %s AND u.hour < %s
                ORDER BY 1, 2, 3, 4, 5""",
            [sorted(set(source_ids)), start, end],
        )
        return [ProviderUse._make((*row[:6], TokenCount(*row[6:]))) for row in cursor.fetchall()]


def gateway_counts(hours: Sequence[datetime]) -> list[GatewayCount]:
    """Of all gateways in these hours; unfinished requests count as served."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, cluster_id, service_label_id, tenant_label_id, model_id, outcome = 'failed',
                      sum(requests)::bigint, sum(input_tokens)::bigint, sum(cached_tokens)::bigint,
                      NULL::bigint, sum(output_tokens)::bigint
                 FROM usage_hour WHERE level = 'gateway' AND hour = ANY(%s)
                GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6""",
            [list(hours)],
        )
        return [GatewayCount._make((*row[:7], TokenCount(*row[7:]))) for row in cursor.fetchall()]
