"""Tasks become ledger lines."""

from collections.abc import Sequence

import numpy as np

from attribution.domain.ledger import Lines, Task
from attribution.domain.parts import parts_of

UNKNOWN_TENANT = "the request names no tenant that a rule knows"


def lines_of(tasks: Sequence[Task]) -> Lines:
    """Split every task's amount (and usage and quantity) over its share; weights of zero make no line."""
    parts = parts_of(tasks)
    task = parts.task
    has_usage = np.array([task.usage is not None for task in tasks], dtype=bool)[task]

    def numbers(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(values, dtype=np.int64)[task]

    def texts(values: list[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        return np.array(values, dtype=object)[task]

    reason = texts([task.share.reason for task in tasks])
    return Lines(
        hour=numbers([task.hour for task in tasks]),
        pool_number=numbers([task.pool_number for task in tasks]),
        use=np.where(
            parts.failed,
            texts([task.use_failed or task.use for task in tasks]),
            texts([task.use for task in tasks]),
        ),
        service=numbers([task.service_id for task in tasks]),
        tenant=parts.tenant,
        model=parts.model,
        amount=parts.amount,
        priced=np.array([task.priced for task in tasks], dtype=bool)[task],
        usage=np.where(has_usage, parts.usage, -1),
        quantity=parts.quantity,
        unit=texts([task.unit for task in tasks]),
        basis=texts([task.share.basis for task in tasks]),
        rule=numbers([task.rule_id for task in tasks]),
        # A share's reason concerns only the part that no tenant bears.
        reason=np.where(parts.tenant == 0, np.where(reason == "", UNKNOWN_TENANT, reason), ""),
    )
