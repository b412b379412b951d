"""Amounts of tasks over their shares: all splits of a run in one pass over arrays."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.domain.ledger import Int64, Task
from attribution.domain.segments import split_segments


class Parts(NamedTuple):
    """A part of a task's amount and quantity each, of weights above 0; `task` is the index of the task.

    `quantity` is NaN where the task has none; `usage` is 0 where it was not asked for.
    """

    task: Int64
    tenant: Int64
    model: Int64
    failed: NDArray[np.bool_]
    amount: Int64
    quantity: NDArray[np.float64]
    usage: Int64

    def only(self, chosen: Any) -> "Parts":
        """The parts at these places, or those that are marked."""
        columns: Any = (column[chosen] for column in self)
        return Parts(*columns)


def parts_of(tasks: Sequence[Task], *, with_usage: bool = True) -> Parts:
    """Split every task's amount (and usage and quantity) over its share; weights of zero make no part."""
    sizes = np.array([len(task.share.weight) for task in tasks], dtype=np.int64)
    offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
    weights = _join([task.share.weight for task in tasks], np.int64)
    amounts = np.array([task.amount for task in tasks], dtype=np.int64)
    parts = Parts(
        task=np.repeat(np.arange(len(tasks)), sizes),
        tenant=_join([task.share.tenant for task in tasks], np.int64),
        model=_join([task.share.model for task in tasks], np.int64),
        failed=_join([task.share.failed for task in tasks], np.bool_),
        amount=split_segments(amounts, offsets, weights).parts,
        quantity=_quantity(tasks, sizes, weights, offsets),
        usage=_usage(tasks, offsets, weights) if with_usage else np.zeros_like(weights),
    )
    some = weights > 0
    return parts if some.all() else parts.only(some)


def _usage(tasks: Sequence[Task], offsets: Int64, weights: Int64) -> Int64:
    usage = np.array([task.usage or 0 for task in tasks], dtype=np.int64)
    return split_segments(usage, offsets, weights).parts


def _quantity(tasks: Sequence[Task], sizes: Int64, weights: Int64, offsets: Int64) -> Any:
    """Minutes or bytes, in proportion; NaN where the task has none."""
    whole = np.array([np.nan if task.quantity is None else task.quantity for task in tasks])
    if not len(weights):
        return np.zeros(0)
    totals = np.add.reduceat(weights.astype(np.float64), offsets[:-1])
    return np.repeat(whole / np.where(totals > 0, totals, 1), sizes) * weights


def _join(arrays: list[Any], kind: Any) -> Any:
    return np.concatenate(arrays).astype(kind, copy=False) if arrays else np.zeros(0, dtype=kind)
