"""Tasks become ledger lines: all splits of a run in one pass over arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from attribution.domain.ledger import Int64, Lines, Task
from attribution.domain.segments import split_segments

UNKNOWN_TENANT = "the request names no tenant that a rule knows"


def lines_of(tasks: Sequence[Task]) -> Lines:
    """Split every task's amount (and usage and quantity) over its share; weights of zero make no line."""
    sizes = np.array([len(task.share.weight) for task in tasks], dtype=np.int64)
    offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
    weights = _join([task.share.weight for task in tasks], np.int64)
    amounts = np.array([task.amount for task in tasks], dtype=np.int64)
    usage = np.array([task.usage or 0 for task in tasks], dtype=np.int64)
    parts = split_segments(amounts, offsets, weights).parts
    used = split_segments(usage, offsets, weights).parts
    tenant = _join([task.share.tenant for task in tasks], np.int64)
    failed = _join([task.share.failed for task in tasks], np.bool_)
    use = _repeat([task.use for task in tasks], sizes)
    use_failed = _repeat([task.use_failed or task.use for task in tasks], sizes)
    reason = _repeat([task.share.reason for task in tasks], sizes)
    # A share's reason concerns only the part that no tenant bears.
    reason = np.where(tenant == 0, np.where(reason == "", UNKNOWN_TENANT, reason), "")
    lines = Lines(
        hour=np.repeat(np.array([task.hour for task in tasks], dtype=np.int64), sizes),
        pool_number=np.repeat(np.array([task.pool_number for task in tasks], dtype=np.int64), sizes),
        use=np.where(failed, use_failed, use),
        service=np.repeat(np.array([task.service_id for task in tasks], dtype=np.int64), sizes),
        tenant=tenant,
        model=_join([task.share.model for task in tasks], np.int64),
        amount=parts,
        priced=np.repeat(np.array([task.priced for task in tasks], dtype=bool), sizes),
        usage=np.where(np.repeat([task.usage is not None for task in tasks], sizes), used, -1),
        quantity=_quantity(tasks, sizes, weights, offsets),
        unit=_repeat([task.unit for task in tasks], sizes),
        basis=_repeat([task.share.basis for task in tasks], sizes),
        rule=np.repeat(np.array([task.rule_id for task in tasks], dtype=np.int64), sizes),
        reason=reason,
    )
    return _only(lines, weights > 0)


def _quantity(tasks: Sequence[Task], sizes: Int64, weights: Int64, offsets: Int64) -> Any:
    """Minutes or bytes, in proportion; NaN where the task has none."""
    whole = np.array([np.nan if task.quantity is None else task.quantity for task in tasks])
    if not len(weights):
        return np.zeros(0)
    totals = np.add.reduceat(weights.astype(np.float64), offsets[:-1])
    return np.repeat(whole / np.where(totals > 0, totals, 1), sizes) * weights


def _join(arrays: list[Any], kind: Any) -> Any:
    return np.concatenate(arrays).astype(kind) if arrays else np.zeros(0, dtype=kind)


def _repeat(texts: list[str], sizes: Int64) -> Any:
    return np.repeat(np.array(texts, dtype=object), sizes)


def _only(lines: Lines, kept: Any) -> Lines:
    return Lines(**{name: column[kept] for name, column in vars(lines).items()})
