"""What clusters would serve in an hour: the weights for cost that belongs to none of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise

import numpy as np

from attribution.domain.joint_key import run_starts
from attribution.domain.ledger import Int64, Share, Task
from attribution.domain.parts import Parts
from attribution.operations.served_elsewhere import served_elsewhere

_SERVING = ("serving", "serving_failed")
Served = Callable[[], dict[int, Parts]]


class ServedInPreview:
    """Of clusters that are previewed, what their lines would be; of others, what they are."""

    def __init__(self) -> None:
        self._hours: dict[datetime, list[tuple[Served, int]]] = {}
        self._clusters: set[int] = set()

    def add(self, cluster_id: int, hours: Sequence[datetime], tasks: Sequence[Task], parts: Parts) -> None:
        """Remember what a cluster would serve in some hours."""
        self._clusters.add(cluster_id)
        served = cache(lambda: served_by_hour(tasks, parts))
        for place, hour in enumerate(hours):
            self._hours.setdefault(hour, []).append((served, place))

    def share(self, hours: Sequence[datetime]) -> dict[datetime, Share]:
        """As `served_elsewhere`, with the lines of the preview in place of those published."""
        published = served_elsewhere(hours, without=self._clusters)
        shares = {hour: self._share(hour, published.get(hour)) for hour in hours}
        return {hour: share for hour, share in shares.items() if share is not None}

    def _share(self, hour: datetime, published: Share | None) -> Share | None:
        weights: Counter[tuple[int, int]] = Counter()
        if published is not None:
            _count(weights, published.tenant, published.model, published.weight)
        for served, place in self._hours.get(hour, ()):
            if (own := served().get(place)) is not None:
                _count(weights, own.tenant, own.model, np.abs(own.amount))
        rows = np.array([(*key, weight) for key, weight in sorted(weights.items()) if weight], dtype=np.int64)
        if not len(rows):
            return None
        return Share(rows[:, 0], rows[:, 1], np.zeros(len(rows), dtype=bool), rows[:, 2], "modelled", "")


def served_by_hour(tasks: Sequence[Task], parts: Parts) -> dict[int, Parts]:
    """Priced parts of serving, by the hour's index."""
    serving = np.array(
        [
            [task.priced and use in _SERVING for use in (task.use, task.use_failed or task.use)]
            for task in tasks
        ],
        dtype=bool,
    ).reshape(-1, 2)[parts.task, parts.failed.astype(np.int64)]
    hour = np.array([task.hour for task in tasks], dtype=np.int64)[parts.task]
    order = np.flatnonzero(serving)
    order = order[np.argsort(hour[order], kind="stable")]
    starts = run_starts(hour[order]).tolist()
    return {
        int(hour[order[start]]): parts.only(order[start:end])
        for start, end in pairwise([*starts, len(order)])
    }


def _count(weights: Counter[tuple[int, int]], tenant: Int64, model: Int64, weight: Int64) -> None:
    for key in zip(tenant.tolist(), model.tolist(), weight.tolist(), strict=True):
        weights[key[:2]] += key[2]
