"""What gateways and engines counted for each service, hour by hour, by the rules of the hour."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from attribution.models.cluster import Cluster
from attribution.queries.rules import ServiceRules
from attribution.queries.service_names import service_names
from attribution.sql import statement


class Counted(NamedTuple):
    """One service (0: no rule knows it), hour, cluster (0: of no single one), level and model (0: not said).

    Tokens and requests are None where nobody counted them; `input_tokens` includes the cached ones.
    `untold` of the `successes` came without their tokens.
    """

    hour: datetime
    cluster_id: int
    level: str
    service_id: int
    model_id: int
    requests: int | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    successes: int
    untold: int


class Phases(NamedTuple):
    """Microseconds and tokens of the phases that a runtime timed itself; None: not told."""

    hour: datetime
    cluster_id: int
    service_id: int
    model_id: int
    prefill_us: int | None
    decode_us: int | None
    computed_tokens: int | None
    cached_tokens: int | None
    decoded_tokens: int | None


def counted(start: datetime, end: datetime) -> list[Counted]:
    """Rows of the hours in [start, end), a row for each name that a source gave."""
    rows = _rows("counted_tokens", start, end)
    resolver = Resolver(row[3] for row in rows)
    return [
        Counted(hour, cluster, level, resolver.service(hour, cluster, label, model), model, *figures)
        for hour, cluster, level, label, model, *figures in rows
    ]


def phases(start: datetime, end: datetime) -> list[Phases]:
    """Rows of the hours in [start, end), a row for each name that a source gave."""
    rows = _rows("engine_phases", start, end)
    resolver = Resolver(row[2] for row in rows)
    return [
        Phases(hour, cluster, resolver.service(hour, cluster, label, model), model, *figures)
        for hour, cluster, label, model, *figures in rows
    ]


def _rows(name: str, start: datetime, end: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), {"start": start, "end": end})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class Resolver:
    """Answers the service of a name; a month asks the same few questions again and again."""

    def __init__(self, label_ids: Iterable[int]) -> None:
        self._names, self._rules = service_names(label_ids), ServiceRules()
        self._clusters = list(Cluster.objects.order_by("pk").values_list("pk", flat=True))
        self._at = cache(self._rules.at)
        self._found: dict[tuple[int, int, int, int], int] = {}
        self._kinds: dict[object, int] = {}
        self._kind_at: dict[datetime, int] = {}

    def service(self, hour: datetime, cluster_id: int, label_id: int, model_id: int) -> int:
        """A gateway of no single cluster is asked for by the rules of all clusters, then by each one's."""
        if hour not in self._kind_at:
            self._kind_at[hour] = self._kinds.setdefault(self._at(hour), len(self._kinds))
        key = (self._kind_at[hour], cluster_id, label_id, model_id)
        if key not in self._found:
            clusters = [cluster_id] if cluster_id else [0, *self._clusters]
            answers = (self._names.service_of(label_id, model_id, one, self._at(hour)) for one in clusters)
            self._found[key] = next(filter(None, answers), 0)
        return self._found[key]
