"""State minutes of a cluster's hours, from its strips and inventory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.domain.capacity import DeviceHours, StateMinutes, state_minutes
from attribution.domain.placement import pool_of
from attribution.domain.seats_together import one_after_another
from attribution.models.pool import Pool
from attribution.operations.declared import declared_reserves
from attribution.operations.holder_seats import Holders
from attribution.queries.inventory import DeviceRow, devices_of, silent_nodes_of
from attribution.queries.rules import pool_rules
from attribution.queries.strips import SIGNALS, read_strips

ALWAYS = (-(2**40), 2**40)
# Strips in memory at once: about 100 MB on their way from the wire to minutes.
STRIPS_AT_ONCE = 12_000


class Places:
    """Index of every device's pool, and the seats of holders, for one cluster."""

    def __init__(self, cluster_id: int, pool_ids: Sequence[int]) -> None:
        self.cluster_id = cluster_id
        self.pool_index = {pool_id: place for place, pool_id in enumerate(pool_ids)}
        self._pool_rules = pool_rules()
        self.devices = devices_of(cluster_id)
        self.device_ids = np.array([device.device_id for device in self.devices], dtype=np.int64)
        self.device_pool = np.array([self._pool(row.node, row.model_name) for row in self.devices], np.int32)
        self.life = np.array([_life(row) for row in self.devices], dtype=np.int64).reshape(-1, 2)
        self.holders = Holders(cluster_id)

    def _pool(self, node: str, model: str | None) -> int:
        return self.pool_index.get(pool_of(self._pool_rules, self.cluster_id, node, model), 0)

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


def device_minutes(
    cluster_id: int, hours: Sequence[datetime], pool_ids: Sequence[int], service_ids: Sequence[int]
) -> StateMinutes:
    """Minutes by state for [hours, pools, seats], with a seat for every service; see `domain.capacity`."""
    places = Places(cluster_id, pool_ids)
    at_once = max(1, STRIPS_AT_ONCE // max(len(places.devices), 1))
    return one_after_another(
        [
            _of_hours(places, hours[start : start + at_once], pool_ids, service_ids)
            for start in range(0, len(hours), at_once)
        ]
    )


def _of_hours(
    places: Places, hours: Sequence[datetime], pool_ids: Sequence[int], service_ids: Sequence[int]
) -> StateMinutes:
    strips = read_strips(places.cluster_id, hours)
    starts = np.array([int(hour.timestamp()) for hour in hours], dtype=np.int64)
    hour = np.searchsorted(starts, strips["hour"]).astype(np.int32)
    device = np.searchsorted(places.device_ids, strips["device_id"])
    seats, seat = places.holders.seats(hours, hour, strips["holder_id"], service_ids)
    rows = DeviceHours(
        hour=hour,
        device=strips["device_id"],
        pool=places.device_pool[device],
        seat=seat,
        life=_life_in_hour(places.life[device], starts[hour]),
        floor=_floors(pool_ids)[places.device_pool[device]][:, None],
        signals={name: strips[name] for name in SIGNALS},
    )
    silent = _silent(places, starts, hour, device, pool_ids)
    return state_minutes(rows, silent, declared_reserves(hours, pool_ids, seats), seats)


def _life_in_hour(life: NDArray[np.int64], start: NDArray[np.int64]) -> NDArray[np.int16]:
    minutes: NDArray[np.int16] = np.clip((life - start[:, None]) // 60, 0, 60).astype(np.int16)
    return minutes


def _floors(pool_ids: Sequence[int]) -> NDArray[np.float32]:
    floors = dict(Pool.objects.filter(pk__in=pool_ids).values_list("pk", "busy_floor"))
    return np.array([floors.get(pool_id, 0.05) for pool_id in pool_ids], dtype=np.float32)


def _silent(
    places: Places,
    starts: NDArray[np.int64],
    hour: NDArray[np.int32],
    device: Any,
    pool_ids: Sequence[int],
) -> NDArray[np.int64]:
    """[hours, pools]: minutes that living devices without any strip in the hour were priced for."""
    silent = np.zeros((len(starts), len(pool_ids)), dtype=np.int64)
    seen = np.zeros((len(starts), len(places.devices)), dtype=bool)
    seen[hour, device] = True
    for place, start in enumerate(starts):
        span = np.clip((places.life - start) // 60, 0, 60)
        minutes = np.where(seen[place], 0, span[:, 1] - span[:, 0])
        np.add.at(silent[place], places.device_pool, minutes)
    per_node = dict(Pool.objects.filter(pk__in=pool_ids).values_list("pk", "devices_per_node"))
    for pool in places.silent_nodes():
        silent[:, pool] += 60 * per_node.get(pool_ids[pool], 1)
    return silent
