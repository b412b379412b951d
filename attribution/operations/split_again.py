"""An hour split again from its facts, for whoever wants to see how: nothing of it is written."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from django.db import connection, transaction

from attribution.domain.apportion import splits
from attribution.domain.device_parts import PARTS
from attribution.domain.ledger import CostPool, Task
from attribution.domain.lines import lines_of
from attribution.domain.money import largest_remainder
from attribution.operations.window_facts import load_windows


class Weight(NamedTuple):
    """Who did how much of a split's work, and the nano-units that this makes. Ids are 0 where unknown."""

    tenant_id: int
    model_id: int
    use: str
    weight: int
    amount_nano: int | None


class Split(NamedTuple):
    """A part of a cost pool: `quantity` is its weight in the pool, exact; `weights` divide its amount.

    `quantity` None: the part is not made by a quantity (the pool has one part only).
    """

    use: str
    service_id: int
    quantity: int | Fraction | None
    unit: str
    amount_nano: int | None
    basis: str
    rule_id: int
    reason: str
    weights: tuple[Weight, ...]


class SplitPool(NamedTuple):
    """A cost pool with its parts, in the order in which ties of its split are decided."""

    number: int
    pool: CostPool
    splits: tuple[Split, ...]


@dataclass(frozen=True)
class SplitHour:
    """`same`: the facts of now give the lines of the version that was asked about, to the nano-unit.

    Where they do not, facts or rules have changed since it was published, and it says what they would give.
    """

    cluster_id: int
    hour: datetime
    version: int
    same: bool
    pools: tuple[SplitPool, ...]


def split_again(*, cluster_id: int, hour: datetime, version: int) -> SplitHour:
    """Split the cost pools of one window again, from facts and rules as they are now.

    Reading resolves labels, and that may make a tenant: the transaction is rolled back.
    """
    with transaction.atomic():
        loaded = load_windows(cluster_id, [hour])
        of_states, others = splits(loaded.facts)
        tasks = [*of_states, *others]
        same = _lines_of_tasks(tasks) == _published(cluster_id, hour, version)
        transaction.set_rollback(True)
    parts: dict[int, list[Task]] = {}
    for task in tasks:
        parts.setdefault(task.pool_number, []).append(task)
    minutes: dict[int, list[Quantity]] = {}
    pools = [
        _pool(number, pool, parts.get(number, []), minutes)
        for number, pool in enumerate(loaded.facts.cost_pools)
    ]
    return SplitHour(cluster_id, hour, version, same, tuple(pools))


Quantity = int | Fraction | None


def _pool(number: int, pool: CostPool, tasks: list[Task], minutes: dict[int, list[Quantity]]) -> SplitPool:
    """The minutes of a pool-hour are counted once; a second bill for it is split over the same ones."""
    quantities = [_quantity(task) for task in tasks]
    if pool.kind == "accelerator" and pool.part == "nodes":
        quantities = minutes.setdefault(pool.pool_id, quantities)
    return SplitPool(
        number,
        pool,
        tuple(_split(task, quantity) for task, quantity in zip(tasks, quantities, strict=True)),
    )


def _quantity(task: Task) -> Quantity:
    """What divided the pool: device-minutes, or bytes and the like."""
    if task.weight is None:
        return None if task.quantity is None else round(task.quantity)
    minutes = Fraction(task.weight, PARTS)
    return int(minutes) if minutes.denominator == 1 else minutes


def _split(task: Task, quantity: Quantity) -> Split:
    share = task.share
    weights = share.weight.tolist()
    amounts = largest_remainder(task.amount, weights) or [0] * len(weights)
    rows = zip(
        share.tenant.tolist(), share.model.tolist(), share.failed.tolist(), weights, amounts, strict=True
    )
    return Split(
        task.use,
        task.service_id,
        quantity,
        task.unit,
        task.amount if task.priced else None,
        share.basis,
        task.rule_id,
        share.reason,
        tuple(
            Weight(
                tenant,
                model,
                (task.use_failed or task.use) if failed else task.use,
                weight,
                amount if task.priced else None,
            )
            for tenant, model, failed, weight, amount in rows
            if weight
        ),
    )


Key = tuple[int, str, int, int, int, int | None]


def _lines_of_tasks(tasks: list[Task]) -> Counter[Key]:
    lines = lines_of(tasks)
    return Counter(
        (int(pool), str(use), int(service), int(tenant), int(model), int(amount) if priced else None)
        for pool, use, service, tenant, model, amount, priced in zip(
            lines.pool_number,
            lines.use,
            lines.service,
            lines.tenant,
            lines.model,
            lines.amount,
            lines.priced,
            strict=True,
        )
    )


def _published(cluster_id: int, hour: datetime, version: int) -> Counter[Key]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pool_number, use, coalesce(service_id, 0), coalesce(tenant_id, 0),
                      coalesce(model_id, 0), amount_nano
                 FROM ledger_line WHERE cluster_id = %s AND hour = %s AND version = %s""",
            [cluster_id, hour, version],
        )
        return Counter(cursor.fetchall())
