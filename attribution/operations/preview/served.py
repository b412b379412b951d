"""What clusters would serve in an hour: the weights for cost that belongs to none of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from attribution.domain.ledger import Int64, Lines, Share
from attribution.operations.served_elsewhere import served_elsewhere

_SERVING = ("serving", "serving_failed")


class ServedInPreview:
    """Of clusters that are previewed, what their lines would be; of others, what they are."""

    def __init__(self) -> None:
        self._hours: dict[datetime, list[tuple[Lines, int]]] = {}
        self._clusters: set[int] = set()

    def add(self, cluster_id: int, hours: Sequence[datetime], lines: Lines) -> None:
        """Remember a cluster's lines of some hours."""
        self._clusters.add(cluster_id)
        for place, hour in enumerate(hours):
            self._hours.setdefault(hour, []).append((lines, place))

    def share(self, hour: datetime) -> Share | None:
        """As `served_elsewhere`, with the lines of the preview in place of those published."""
        weights: Counter[tuple[int, int]] = Counter()
        if (published := served_elsewhere(hour, without=self._clusters)) is not None:
            _count(weights, published.tenant, published.model, published.weight)
        for lines, place in self._hours.get(hour, ()):
            here = (lines.hour == place) & np.isin(lines.use, _SERVING) & lines.priced
            _count(weights, lines.tenant[here], lines.model[here], np.abs(lines.amount[here]))
        rows = np.array([(*key, weight) for key, weight in sorted(weights.items()) if weight], dtype=np.int64)
        if not len(rows):
            return None
        return Share(rows[:, 0], rows[:, 1], np.zeros(len(rows), dtype=bool), rows[:, 2], "modelled", "")


def _count(weights: Counter[tuple[int, int]], tenant: Int64, model: Int64, weight: Int64) -> None:
    for key in zip(tenant.tolist(), model.tolist(), weight.tolist(), strict=True):
        weights[key[:2]] += key[2]
