"""Adjustments of closed months in an open one: cost pools whose lines are given, not computed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from attribution.domain.ledger import CostPool, Share, Task

# The part of such a cost pool, and the use of its lines. `resource` says what it corrects: "2026-03 serving".
# A bill has adjustments of its own in tax and credit: they are divided like its other lines.
CLOSED_MONTH, ADJUSTMENT = "closed_month", "adjustment"


class Adjusted(NamedTuple):
    """A line of an adjustment; ids are 0 where there is none."""

    service_id: int
    tenant_id: int
    model_id: int
    basis: str
    amount: int


def adjusted_tasks(number: int, pool: CostPool, lines: Sequence[Adjusted]) -> list[Task]:
    """A task for each line: nothing is left to divide."""
    return [_task(number, pool, line) for line in lines]


def _task(number: int, pool: CostPool, line: Adjusted) -> Task:
    share = Share(
        np.array([line.tenant_id], dtype=np.int64),
        np.array([line.model_id], dtype=np.int64),
        np.zeros(1, dtype=bool),
        np.ones(1, dtype=np.int64),
        line.basis,
        f"corrects {pool.resource}",
    )
    return Task(
        hour=pool.hour,
        pool_number=number,
        use=ADJUSTMENT,
        service_id=line.service_id,
        amount=line.amount,
        priced=True,
        share=share,
        unit="",
    )
