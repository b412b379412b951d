"""Requests of an hour, summed by who they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attribution.domain.ledger import Int64
from attribution.domain.work import ServedRows

_SUMMED = ("requests", "duration_us", "input_tokens", "cached_tokens", "output_tokens")
_BY_OUTCOME = {"successes": 0, "failures": 1, "unfinished": 2}


@dataclass(frozen=True)
class UsageSums:
    """In columns, sorted by (hour, service, tenant, model); a sum of −1 is unknown."""

    hour: Int64
    service: Int64
    tenant: Int64
    model: Int64
    sums: Mapping[str, Int64]


def usage_sums(rows: ServedRows) -> UsageSums:
    """Sum requests, outcomes, times and tokens; what a row does not know adds nothing and is not zero."""
    keys = np.column_stack((rows.hour, rows.service, rows.tenant, rows.model))
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    first = np.ones(len(keys), dtype=bool)
    first[1:] = np.any(keys[1:] != keys[:-1], axis=1)
    starts = np.flatnonzero(first)
    sums = {name: _sum_known(rows.measures[name][order], starts) for name in _SUMMED}
    requests, outcome = rows.measures["requests"][order], rows.outcome[order]
    for name, code in _BY_OUTCOME.items():
        # No row of that outcome: none happened, as far as the rows that are there know.
        own = np.where(outcome == code, requests, np.where(requests >= 0, 0, -1))
        sums[name] = _sum_known(own, starts)
    keys = keys[starts]
    return UsageSums(keys[:, 0], keys[:, 1], keys[:, 2], keys[:, 3], sums)


def _sum_known(values: Int64, starts: Int64) -> Int64:
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    sums = np.add.reduceat(np.maximum(values, 0), starts)
    known = np.logical_or.reduceat(values >= 0, starts)
    return np.where(known, sums, -1)
