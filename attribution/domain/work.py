"""Usage of services becomes work: who did how much of it, for all services and hours at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.domain.ledger import Int64, Work
from attribution.domain.shares import choose_evidence
from attribution.domain.usage import Evidence, Outcome, UsageRow
from attribution.domain.weighing import RowWeights, ServiceWeights, row_weights

FAILED = 1
_OUTCOMES = (Outcome.SUCCESS, Outcome.FAILED, Outcome.UNFINISHED)


@dataclass(frozen=True)
class ServedRows:
    """Usage rows whose labels the rules have resolved, in columns; ids are 0 where they could not be.

    `hour` is an index; `outcome` 0 success, 1 failed, 2 unfinished; a measure of −1 is unknown.
    """

    hour: Int64
    service: Int64
    tenant: Int64
    model: Int64
    outcome: Int64
    measures: Mapping[str, Int64]


def works_of(
    rows: ServedRows, weights: Callable[[int, int], ServiceWeights | None]
) -> dict[tuple[int, int], Work]:
    """Work by (hour index, service id), by the best evidence each service has in that hour.

    `weights` answers for (hour index, service id); services without any (unknown ones) have no work.
    Unfinished requests are neither successes nor failures: what was done for them stays in serving.
    """
    order = np.lexsort((rows.service, rows.hour))
    cell = np.column_stack((rows.hour, rows.service))[order]
    works: dict[tuple[int, int], Work] = {}
    for start, end in _runs(cell):
        hour, service = (int(number) for number in cell[start])
        if (by := weights(hour, service)) is not None:
            works[(hour, service)] = _work(rows, order[start:end], by)
    return works


def policy_work(tenant_id: int, reason: str) -> Work:
    """All work of a service that one tenant has to itself."""
    one = np.ones(1, dtype=np.int64)
    return Work(one * tenant_id, one * 0, np.zeros(1, dtype=bool), one, "policy", reason)


def _work(rows: ServedRows, where: Int64, by: ServiceWeights) -> Work:
    measures = {name: values[where] for name, values in rows.measures.items()}
    weighing = by.of_models(rows.model[where])
    of_rows = row_weights(rows.model[where], weighing)
    weights, basis, reason = _plain_evidence(measures, of_rows) or _chosen_evidence(
        rows.outcome[where], measures, of_rows
    )
    keys = np.column_stack((rows.tenant[where], rows.model[where], rows.outcome[where] == FAILED))
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    keys = keys[order]
    starts = np.array([start for start, _ in _runs(keys)], dtype=np.int64)
    sums = np.add.reduceat(weights[order], starts)
    some = sums > 0
    keys, sums = keys[starts][some], sums[some]
    by_tokens = reason.startswith(f"by {Evidence.TOKENS}")
    return Work(
        keys[:, 0],
        keys[:, 1],
        keys[:, 2].astype(bool),
        sums,
        basis,
        reason,
        weighing if by_tokens else {},
    )


def _plain_evidence(measures: Mapping[str, Int64], weights: RowWeights) -> tuple[Int64, str, str] | None:
    """The first kind that every row carries, where no row carries a better one: what is usual.

    Gives what `choose_evidence` would; None sends all other cases to it.
    """
    for kind, figures, total in _figures(measures, weights):
        known = figures >= 0
        if not known.any():
            continue
        if known.all() and 0 < total < 2.0**61:
            return figures, str(kind.basis), f"by {kind}"
        return None
    return None


def _figures(measures: Mapping[str, Int64], weights: RowWeights) -> Iterator[tuple[Evidence, Int64, float]]:
    """Each kind of evidence with its figures and about their sum, which tells whether they overflow."""
    yield _with_sum(Evidence.ENGINE_TIME, measures["engine_us"])
    given, output = measures["input_tokens"], measures["output_tokens"]
    cached = np.maximum(measures["cached_tokens"], 0)
    a, c, b, _ = weights
    possible = (given >= cached) & (output >= 0)
    figures = np.where(possible, a * (given - cached) + c * cached + b * output, -1)
    about = a * (given - cached).astype(np.float64) + c * cached.astype(np.float64) + b * output.astype(float)
    yield Evidence.TOKENS, figures, float(about[possible].sum())
    yield _with_sum(Evidence.REQUEST_SECONDS, measures["duration_us"])
    yield _with_sum(Evidence.REQUESTS, measures["requests"])


def _with_sum(kind: Evidence, figures: Int64) -> tuple[Evidence, Int64, float]:
    return kind, figures, float(figures.astype(np.float64).sum())


def _chosen_evidence(outcome: Int64, measures: Mapping[str, Int64], by: RowWeights) -> tuple[Int64, str, str]:
    known = {
        name: [None if value < 0 else value for value in values.tolist()] for name, values in measures.items()
    }
    listed = [
        UsageRow(_OUTCOMES[ended], **{name: values[place] for name, values in known.items()})
        for place, ended in enumerate(outcome.tolist())
    ]
    choice = choose_evidence(listed, by.of_row)
    weights = np.array(within_64_bits(choice.weights), dtype=np.int64)
    return weights, str(choice.basis or "policy"), choice.reason


def within_64_bits(weights: list[int]) -> list[int]:
    """Scale down together what does not fit: below 2**62 in sum, and nothing that was there becomes 0."""
    excess = max(sum(weights).bit_length() - 61, 0)
    return [max(weight >> excess, min(weight, 1)) for weight in weights] if excess else weights


def _runs(keys: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Start and end of every run of equal rows."""
    if not len(keys):
        return
    breaks = np.flatnonzero(np.any(keys[1:] != keys[:-1], axis=1)) + 1
    starts = [0, *breaks.tolist()]
    yield from zip(starts, [*starts[1:], len(keys)], strict=True)
