"""Usage of services becomes work: who did how much of it, for all services and hours at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.domain.joint_key import joint_key, run_starts
from attribution.domain.ledger import Int64, Work
from attribution.domain.shares import choose_evidence
from attribution.domain.tokens import Weighing
from attribution.domain.usage import Evidence, Outcome, UsageRow
from attribution.domain.weighing import RowWeights, ServiceWeights, row_weights

FAILED = 1
_BY_TOKENS, _FITS = f"by {Evidence.TOKENS}", 2.0**61
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

    def only(self, chosen: Int64 | NDArray[np.bool_]) -> "ServedRows":
        """The rows at these places, or those that are marked."""
        return ServedRows(
            self.hour[chosen],
            self.service[chosen],
            self.tenant[chosen],
            self.model[chosen],
            self.outcome[chosen],
            {name: values[chosen] for name, values in self.measures.items()},
        )


def works_of(
    rows: ServedRows, weights: Callable[[int, int], ServiceWeights | None]
) -> dict[tuple[int, int], Work]:
    """Work by (hour index, service id), by the best evidence each service has in that hour.

    `weights` answers for (hour index, service id); services without any (unknown ones) have no work.
    Unfinished requests are neither successes nor failures: what was done for them stays in serving.
    """
    key = joint_key(rows.hour, rows.service, rows.tenant, rows.model, rows.outcome == FAILED)
    order = np.argsort(key, kind="stable")
    rows, key = rows.only(order), key[order]
    cells = _cells(rows, weights)
    weight, evidence = _weights(rows, cells)
    starts = run_starts(key)
    sums = np.add.reduceat(weight, starts) if len(starts) else weight
    starts, sums = starts[sums > 0], sums[sums > 0]
    works = {}
    for cell, (basis, reason) in zip(cells, evidence, strict=True):
        own = slice(*np.searchsorted(starts, (cell.start, cell.end)))
        at = starts[own]
        works[cell.key] = Work(
            rows.tenant[at],
            rows.model[at],
            rows.outcome[at] == FAILED,
            sums[own],
            basis,
            reason,
            cell.weighing if reason.startswith(_BY_TOKENS) else {},
        )
    return works


class _Cell(NamedTuple):
    """The rows [start, end) of a (hour index, service id), and what weighs them."""

    key: tuple[int, int]
    start: int
    end: int
    weighing: Mapping[int, Weighing]
    of_rows: RowWeights


def _cells(rows: ServedRows, weights: Callable[[int, int], ServiceWeights | None]) -> list[_Cell]:
    """Those of declared services."""
    starts = run_starts(joint_key(rows.hour, rows.service)).tolist()
    cells = []
    for start, end in pairwise([*starts, len(rows.hour)]):
        key = (int(rows.hour[start]), int(rows.service[start]))
        if (by := weights(*key)) is not None:
            weighing = by.of_models(rows.model[start:end])
            cells.append(_Cell(key, start, end, weighing, row_weights(rows.model[start:end], weighing)))
    return cells


def _weights(rows: ServedRows, cells: Sequence[_Cell]) -> tuple[Int64, list[tuple[str, str]]]:
    """The weight of every row (0 of services that are not declared), and each cell's basis and reason."""
    a, c, b = (np.zeros(len(rows.hour), dtype=np.int64) for _ in range(3))
    for cell in cells:
        for column, of_cell in zip((a, c, b), cell.of_rows[:3], strict=True):
            column[cell.start : cell.end] = of_cell
    figures = list(_figures(rows.measures, a, c, b))
    # Every second segment is a cell; between them lie rows that are not weighed.
    bounds = np.array([(cell.start, cell.end) for cell in cells], dtype=np.int64).ravel()
    usual = _usual([(known, about) for _, known, about in figures], bounds)
    weight, evidence = np.zeros(len(rows.hour), dtype=np.int64), []
    for cell, place in zip(cells, usual, strict=True):
        own = slice(cell.start, cell.end)
        if place >= 0:
            kind, of_kind, _ = figures[place]
            weight[own] = of_kind[own]
            evidence.append((str(kind.basis), f"by {kind}"))
        else:
            measures = {name: values[own] for name, values in rows.measures.items()}
            weight[own], *found = _chosen_evidence(rows.outcome[own], measures, cell.of_rows)
            evidence.append((found[0], found[1]))
    return weight, evidence


def _usual(figures: Sequence[tuple[Int64, NDArray[np.float64]]], bounds: Int64) -> list[int]:
    """For each cell the first kind of evidence that any row has, if all have it and its sum fits; else −1.

    That is what is usual, and what `choose_evidence` would give; all other cases are left to it.
    """
    if not len(bounds):
        return []
    # Rows behind the last cell would be counted to it.
    figures = [(known[: bounds[-1]], about[: bounds[-1]]) for known, about in figures]
    starts = bounds[:-1]
    usual = np.full(len(bounds) // 2, -1)
    undecided = np.ones(len(usual), dtype=bool)
    for place, (known, about) in enumerate(figures):
        some = np.logical_or.reduceat(known >= 0, starts)[::2]
        every = np.logical_and.reduceat(known >= 0, starts)[::2]
        total = np.add.reduceat(about, starts)[::2]
        usual[undecided & every & (total > 0) & (total < _FITS)] = place
        undecided &= ~some
    return [int(place) for place in usual]


def policy_work(tenant_id: int, reason: str) -> Work:
    """All work of a service that one tenant has to itself."""
    one = np.ones(1, dtype=np.int64)
    return Work(one * tenant_id, one * 0, np.zeros(1, dtype=bool), one, "policy", reason)


def _figures(
    measures: Mapping[str, Int64], a: Int64, c: Int64, b: Int64
) -> Iterator[tuple[Evidence, Int64, NDArray[np.float64]]]:
    """Each kind of evidence with its figures (−1: unknown), and about the same: sums that do not overflow."""
    yield Evidence.ENGINE_TIME, measures["engine_us"], measures["engine_us"].astype(np.float64)
    given, output = measures["input_tokens"], measures["output_tokens"]
    cached = np.maximum(measures["cached_tokens"], 0)
    possible = (given >= cached) & (output >= 0)
    figures = np.where(possible, a * (given - cached) + c * cached + b * output, -1)
    about = a * (given - cached).astype(np.float64) + c * cached.astype(np.float64) + b * output.astype(float)
    yield Evidence.TOKENS, figures, np.where(possible, about, 0)
    yield Evidence.REQUEST_SECONDS, measures["duration_us"], measures["duration_us"].astype(np.float64)
    yield Evidence.REQUESTS, measures["requests"], measures["requests"].astype(np.float64)


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
