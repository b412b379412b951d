"""Records summed by hour, names and outcome."""

from typing import NamedTuple

import numpy as np

from ingest.sources.request_log.columns import UNKNOWN, Int64
from ingest.sources.request_log.parse import Records

MEASURES = ("duration_us", "engine_us", "input_tokens", "cached_tokens", "output_tokens")


class Sums(NamedTuple):
    """Groups by (hour, service, tenant, model, outcome) in columns, requests and measures beside them.

    A measure is UNKNOWN as soon as one request of the group does not tell it: a sum of the rest would count
    the others as zero. Attribution then takes the next best evidence.
    """

    keys: Int64
    requests: Int64
    measures: dict[str, Int64]


def empty() -> Sums:
    """No groups."""
    none = np.zeros(0, dtype=np.int64)
    return Sums(np.zeros((0, 5), dtype=np.int64), none, dict.fromkeys(MEASURES, none))


def add(sums: Sums, records: Records) -> Sums:
    """The sums with these records in them."""
    keys = np.column_stack(
        (records.hour, records.service, records.tenant, records.model, records.outcome)
    ).astype(np.int64)
    ones = np.ones(len(records), dtype=np.int64)
    measures = {name: np.concatenate((sums.measures[name], records.measures[name])) for name in MEASURES}
    return _grouped(np.concatenate((sums.keys, keys)), np.concatenate((sums.requests, ones)), measures)


def _grouped(keys: Int64, requests: Int64, measures: dict[str, Int64]) -> Sums:
    if not len(keys):
        return empty()
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    first = np.concatenate(([True], np.any(keys[1:] != keys[:-1], axis=1)))
    starts = np.flatnonzero(first)
    summed = {}
    for name, values in measures.items():
        least = np.minimum.reduceat(values[order], starts)
        summed[name] = np.where(least < 0, UNKNOWN, np.add.reduceat(values[order], starts))
    return Sums(keys[starts], np.add.reduceat(requests[order], starts), summed)
