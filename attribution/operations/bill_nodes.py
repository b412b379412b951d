"""Which node a charge pays for."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from attribution.domain.hours import floor_hour, hours
from attribution.domain.placement import PoolRule, pool_of
from attribution.models.bill import Bill
from attribution.models.cluster import Cluster
from attribution.models.device import Device
from attribution.models.node import Node
from attribution.queries.rules import pool_rules

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# Tags under which clouds and people write the name of a Kubernetes node.
NODE_TAGS = ("node", "Name", "name", "hostname", "kubernetes.io/hostname", "aws:eks:node-name")


class KnownNode(NamedTuple):
    """A node that telemetry showed or the inventory declares; a declared one lives at all times.

    `divided` is its name where its devices are of several pools: who bears what of it is said hour by hour
    when these are attributed (`node_divisions`). Else "".
    """

    node_id: int
    cluster_id: int
    pool_id: int
    divided: str
    first_seen: datetime | None
    last_seen: datetime | None
    declared: bool

    def live_minutes(self, start: datetime, end: datetime) -> Mapping[datetime, int] | None:
        """Minutes that the node lived in each hour of [start, end); None: all of them."""
        if self.declared or self.first_seen is None or self.last_seen is None:
            return None
        return _live_minutes(self.first_seen, self.last_seen + MINUTE, start, end)


@lru_cache(maxsize=100_000)
def _live_minutes(first: datetime, last: datetime, start: datetime, end: datetime) -> dict[datetime, int]:
    minutes = {}
    for hour in hours(max(first, start), min(last, end)):
        minutes[hour] = (min(last, hour + HOUR) - max(first, hour)) // MINUTE
    return minutes or {floor_hour(start): 0}


class Place(NamedTuple):
    """The pool that a node would be in by its name; zeros where no pool's globs match."""

    cluster_id: int
    pool_id: int


class BillNodes:
    """Finds nodes by resource id, then by name, then by tags, in the clusters that the bill can pay for."""

    def __init__(self, bill: Bill) -> None:
        clusters = Cluster.objects.order_by("pk")
        if bill.source.cluster_id:
            clusters = clusters.filter(pk=bill.source.cluster_id)
        elif bill.source.provider_id:
            clusters = clusters.filter(region__provider_id=bill.source.provider_id)
        self._cluster_ids = list(clusters.values_list("pk", flat=True))
        self._rules = pool_rules()
        self._named = self._load(self._rules)

    def _load(self, rules: tuple[PoolRule, ...]) -> dict[str, list[KnownNode]]:
        models: dict[int, list[str | None]] = defaultdict(list)
        devices = Device.objects.filter(node__cluster_id__in=self._cluster_ids)
        for node_id, model in devices.order_by("pk").values_list("node_id", "model_name"):
            if model not in models[node_id]:
                models[node_id].append(model)
        named: dict[str, list[KnownNode]] = defaultdict(list)
        for node in Node.objects.filter(cluster_id__in=self._cluster_ids).order_by("pk"):
            if not node.declared and node.first_seen is None:
                continue
            pools = {
                pool_of(rules, node.cluster_id, node.name, model) for model in models.get(node.pk, [None])
            }
            alone = pools.pop() if len(pools) == 1 else 0
            known = KnownNode(
                node.pk, node.cluster_id, alone, node.name if pools else "",
                node.first_seen, node.last_seen, node.declared,
            )  # fmt: skip
            for name in {node.name, node.provider_resource_id} - {""}:
                named[name].append(known)
        return named

    def find(self, charge: Mapping[str, Any]) -> KnownNode | None:
        """The node that this charge's resource, name or tags name; None if none or more than one does."""
        for name in self._names(charge):
            if len(found := self._named.get(name, [])) == 1:
                return found[0]
        return None

    def place_of_unseen(self, resource: str) -> Place:
        """Where a node of that name would be, though nobody saw it."""
        for cluster_id in self._cluster_ids:
            if pool_id := pool_of(self._rules, cluster_id, resource, None):
                return Place(cluster_id, pool_id)
        return Place(0, 0)

    @staticmethod
    def _names(charge: Mapping[str, Any]) -> list[str]:
        names = []
        for text in (charge["resource_id"], charge["resource_name"]):
            if text:
                # An ARN or a provider id ends with the instance's own id.
                names += [text, text.rsplit("/", 1)[-1], text.rsplit(":", 1)[-1]]
        tags = charge["tags"] or {}
        return names + [str(tags[tag]) for tag in NODE_TAGS if tags.get(tag)]
