"""Which pools a node's devices were in, hour by hour: how what was billed for it is divided."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attribution.domain.node_pools import Division, Rate, division
from attribution.operations.declared import Declared
from attribution.operations.places import Places, life_in_hours


class NodeDivisions:
    """Answers for the nodes of one cluster, in some hours."""

    def __init__(self, places: Places, hours: Sequence[datetime], declared: Declared) -> None:
        self._places, self._declared = places, declared
        self._starts = np.array([int(hour.timestamp()) for hour in hours], dtype=np.int64)
        self._devices: dict[str, list[int]] = {}
        for place, device in enumerate(places.devices):
            self._devices.setdefault(device.node, []).append(place)
        # Two bills may pay for one node, and a bill for it in two currencies.
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, hour: int, node: str) -> Division:
        """How a node's cost in the hour (by its place) is divided; all to no pool if no device is known."""
        devices = self._devices.get(node, [])
        life = self._places.life[devices]
        minutes = self._minutes(devices, self._lived(life, int(self._starts[hour])))
        if not minutes:
            return division({0: 1}, {})
        return division(minutes, {pool: self._rate(hour, pool) for pool in minutes})

    def _minutes(self, devices: list[int], minutes: NDArray[np.int64]) -> Counter[int]:
        counted: Counter[int] = Counter()
        for device, count in zip(devices, minutes.tolist(), strict=True):
            if count:
                counted[self._places.pool_ids[self._places.device_pool[device]]] += count
        return counted

    def _lived(self, life: NDArray[np.int64], start: int) -> NDArray[np.int64]:
        """Minutes of each device in the hour.

        Where none of them lived, in the last hour before it in which one did, else in the first after it: so
        a node is divided as it was last seen, or as it will first be.
        """
        known = life[life[:, 0] < life[:, 1]]
        if not len(known):
            return np.zeros(len(life), dtype=np.int64)
        if not ((known[:, 0] < start + 3600) & (known[:, 1] > start)).any():
            before = known[known[:, 1] <= start, 1]
            start = int(before.max()) - 1 if len(before) else int(known[:, 0].min())
            start -= start % 3600
        span = life_in_hours(life, np.full(len(life), start, dtype=np.int64)).astype(np.int64)
        minutes: NDArray[np.int64] = span[:, 1] - span[:, 0]
        return minutes

    def _rate(self, hour: int, pool_id: int) -> Rate | None:
        price = self._declared.price(hour, pool_id) if pool_id else None
        return Rate(price.book.currency, price.rate_nano) if price else None
