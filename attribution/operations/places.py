"""Where the devices of a cluster belong, when they live, and who holds them."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attribution.domain.placement import pool_of
from attribution.operations.holder_seats import Holders
from attribution.queries.inventory import DeviceRow, devices_of, silent_nodes_of
from attribution.queries.rules import pool_rules

ALWAYS = (-(2**40), 2**40)


class Places:
    """Index of every device's pool, and the seats of holders, for one cluster."""

    def __init__(self, cluster_id: int, pool_ids: Sequence[int], *, create_tenants: bool = True) -> None:
        self.cluster_id, self.pool_ids = cluster_id, list(pool_ids)
        self.pool_index = {pool_id: place for place, pool_id in enumerate(pool_ids)}
        self._pool_rules = pool_rules()
        self.devices = devices_of(cluster_id)
        self.device_ids = np.array([device.device_id for device in self.devices], dtype=np.int64)
        self.device_pool = np.array([self._pool(row.node, row.model_name) for row in self.devices], np.int32)
        self.life = np.array([_life(row) for row in self.devices], dtype=np.int64).reshape(-1, 2)
        self.holders = Holders(cluster_id, create_tenants=create_tenants)

    def _pool(self, node: str, model: str | None) -> int:
        return self.pool_index.get(pool_of(self._pool_rules, self.cluster_id, node, model), 0)

    @cached_property
    def silent_nodes(self) -> list[int]:
        """Pool index of every declared node without a device."""
        return [self._pool(node, None) for node in silent_nodes_of(self.cluster_id)]


def _life(device: DeviceRow) -> tuple[int, int]:
    """First second and end of a device's life, epoch seconds; a declared device lives always."""
    if device.declared:
        return ALWAYS
    if device.first_seen is None or device.last_seen is None:
        return (0, 0)
    return int(device.first_seen.timestamp()), int(device.last_seen.timestamp()) + 60


def life_in_hours(life: NDArray[np.int64], start: NDArray[np.int64]) -> NDArray[np.int16]:
    """Minutes [from, to) of hours (epoch seconds) in which lives hold, a row each."""
    minutes: NDArray[np.int16] = np.clip((life - start[:, None]) // 60, 0, 60).astype(np.int16)
    return minutes
