"""What facts say and no declaration knows: labels without tenant, nodes without pool, pools without price."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.placement import matches, pool_of
from attribution.models.tenant_rule import TenantRule
from attribution.queries.rules import pool_rules
from attribution.sql import statement


class UnmatchedLabel(NamedTuple):
    """A label that no rule turns into a tenant; kind and value "" where the source named nobody."""

    kind: str
    value: str
    requests: int | None


class UnmatchedNode(NamedTuple):
    """A node with devices that no pool's globs match."""

    cluster: str
    node: str
    devices: int
    last_seen: datetime | None


class UnpricedPool(NamedTuple):
    """A pool whose minutes have no price on some days of a range."""

    cluster: str
    pool: str
    first: date
    last: date
    days: int


def unmatched_labels(start: datetime, end: datetime) -> list[UnmatchedLabel]:
    """Labels of the hours in [start, end) without a tenant rule that holds then, most requests first."""
    rules = [
        rule
        for rule in TenantRule.objects.all()
        if (rule.valid.lower is None or rule.valid.lower < end)
        and (rule.valid.upper is None or rule.valid.upper > start)
    ]
    return [
        UnmatchedLabel(kind, value, None if requests is None else int(requests))
        for kind, value, requests in _fetch("labels_in_usage", {"start": start, "end": end})
        if not any(rule.kind == kind and matches(rule.pattern, value) for rule in rules)
    ]


def unmatched_nodes() -> list[UnmatchedNode]:
    """Nodes that cost or serve something and belong to no pool, by cluster and name."""
    rules = pool_rules()
    found: dict[tuple[str, str], UnmatchedNode] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id, c.name, n.name, d.model_name, count(*), max(d.last_seen)
                 FROM device d JOIN node n ON n.id = d.node_id JOIN cluster c ON c.id = n.cluster_id
                GROUP BY 1, 2, 3, 4 ORDER BY 2, 3, 4"""
        )
        for cluster_id, cluster, node, model, count, seen in cursor.fetchall():
            if not pool_of(rules, cluster_id, node, model):
                before = found.get((cluster, node))
                devices = count + (before.devices if before else 0)
                found[cluster, node] = UnmatchedNode(cluster, node, devices, seen)
    return list(found.values())


def unpriced_pools(first: date, last: date) -> list[UnpricedPool]:
    """Pools without a price on some local days of a range, both inclusive."""
    return [UnpricedPool(*row) for row in _fetch("unpriced_pools", {"first": first, "last": last})]


def hours_with_usage(start: datetime, end: datetime) -> dict[int, dict[datetime, int | None]]:
    """Requests by source id and hour of [start, end)."""
    found: dict[int, dict[datetime, int | None]] = {}
    for source_id, hour, requests in _fetch("hours_with_usage", {"start": start, "end": end}):
        found.setdefault(source_id, {})[hour] = None if requests is None else int(requests)
    return found


def _fetch(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
