"""By what evidence each service's work was weighed, as rows beside the lines that it divided."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.domain.ledger import Lines, Work
from attribution.domain.tokens import Weighing

COLUMNS = (
    "number", "service_id", "model_id", "basis", "reason", "token_coefficients_id",
    "input_millionths", "cached_millionths", "output_millionths",
)  # fmt: skip


def work_table(work: Mapping[tuple[int, int], Work], lines: Lines) -> tuple[pa.Table, NDArray[np.int64]]:
    """Rows of `ledger_work` and their hour indices; only services that have a line in the hour.

    Where tokens decided there is a row for each model, with its weights; else one without a model.
    """
    shown = set(zip(lines.hour.tolist(), lines.service.tolist(), strict=True))
    rows = [row for cell in sorted(shown & set(work)) for row in _rows(*cell, work[cell])]
    hour = np.array([row[0] for row in rows], dtype=np.int64)
    columns: list[Any] = list(zip(*(row[1:] for row in rows), strict=True)) or [()] * 8
    types = (pa.int64(), pa.int64(), pa.string(), pa.string(), *[pa.int64()] * 4)
    number = pa.array(np.arange(len(hour)) - np.searchsorted(hour, hour))
    arrays = [pa.array(list(column), kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table([number, *arrays], names=list(COLUMNS)), hour


def _rows(hour: int, service_id: int, work: Work) -> Iterator[tuple[Any, ...]]:
    if not work.weighing:
        yield (hour, service_id, None, work.basis, work.reason, None, None, None, None)
    for model, weighing in sorted(work.weighing.items()):
        yield (hour, service_id, model or None, work.basis, work.reason, *_weights(weighing))


def _weights(weighing: Weighing) -> tuple[Any, ...]:
    by = weighing.coefficients
    return (weighing.fit_id or None, *(int(weight.scaleb(6)) for weight in (by.a, by.c, by.b)))
