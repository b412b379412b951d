"""The cost pools of a cluster's hours that bills pay for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from attribution.domain.ledger import CostPool
from attribution.domain.node_pools import divide, is_divided
from attribution.operations.node_divisions import NodeDivisions
from attribution.queries.bill_amounts import BillAmount, bill_amounts


def invoiced_pools(
    cluster_id: int,
    hours: Sequence[datetime],
    pool_ids: Iterable[int],
    divisions: Callable[[], NodeDivisions],
) -> list[CostPool]:
    """As bills have them, but that a node whose devices are of several pools is divided over these.

    `divisions` are asked for where there is such a node.
    """
    place, known = {hour: index for index, hour in enumerate(hours)}, set(pool_ids)
    pools: list[CostPool] = []
    of_nodes: list[CostPool] = []
    for row in bill_amounts(cluster_id, hours):
        divided = is_divided(row.kind, row.part, row.resource)
        (of_nodes if divided else pools).append(_invoiced(place, known, row))
    return _with_divided(pools, of_nodes, divisions()) if of_nodes else pools


def _with_divided(
    pools: Iterable[CostPool], of_nodes: Iterable[CostPool], divisions: NodeDivisions
) -> list[CostPool]:
    """Each node's parts are added to what its pools cost in that hour anyway."""
    amounts: dict[CostPool, int] = defaultdict(int)
    for pool in pools:
        amounts[pool._replace(amount=0)] += pool.amount or 0
    for pool in of_nodes:
        parts = divide(pool.amount or 0, divisions.of(pool.hour, pool.resource))
        for pool_id, part in parts.items():
            amounts[pool._replace(pool_id=pool_id, resource="", amount=0)] += part
    return [key._replace(amount=amount) for key, amount in amounts.items()]


def _invoiced(place: Mapping[datetime, int], known: set[int], row: BillAmount) -> CostPool:
    return CostPool(
        hour=place[row.hour],
        kind=row.kind,
        part=row.part,
        # A pool may have been taken out of the configuration since the bill's pools were derived.
        pool_id=row.pool_id if row.pool_id in known else 0,
        service_id=row.service_id,
        resource=row.resource,
        bill_id=row.bill_id,
        price_id=0,
        estimated=False,
        currency=row.currency,
        amount=row.amount_nano,
    )
