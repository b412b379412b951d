"""State minutes of a cluster's hours, from its strips and inventory."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.domain.capacity import DeviceHours, StateMinutes, state_minutes
from attribution.domain.placement import NameRule, pool_of, target_of
from attribution.models.pool import Pool
from attribution.operations.declared import declared_reserves
from attribution.queries.inventory import DeviceRow, devices_of, holders_of, silent_nodes_of
from attribution.queries.rules import ServiceRules, pool_rules
from attribution.queries.strips import SIGNALS, read_strips

ALWAYS = (-(2**40), 2**40)
# Strips in memory at once: about 100 MB on their way from the wire to minutes.
STRIPS_AT_ONCE = 12_000


class Places:
    """Index of every device's pool and of every holder's service, for one cluster."""

    def __init__(self, cluster_id: int, pool_ids: Sequence[int], service_ids: Sequence[int]) -> None:
        self.cluster_id, self.service_ids = cluster_id, list(service_ids)
        self.pool_index = {pool_id: place for place, pool_id in enumerate(pool_ids)}
        self.service_index = {service_id: place for place, service_id in enumerate(service_ids)}
        self._pool_rules = pool_rules()
        self._service_rules = ServiceRules()
        self.devices = devices_of(cluster_id)
        self.holders = holders_of(cluster_id)
        self.device_ids = np.array([device.device_id for device in self.devices], dtype=np.int64)
        self.device_pool = np.array([self._pool(row.node, row.model_name) for row in self.devices], np.int32)
        self.life = np.array([_life(row) for row in self.devices], dtype=np.int64).reshape(-1, 2)
        self.holder_ids = np.array([0] + [holder.holder_id for holder in self.holders], dtype=np.int64)
        self._holder_service = lru_cache(maxsize=64)(self._services_of_holders)

    def _pool(self, node: str, model: str | None) -> int:
        return self.pool_index.get(pool_of(self._pool_rules, self.cluster_id, node, model), 0)

    def silent_nodes(self) -> list[int]:
        """Pool index of every declared node without a device."""
        return [self._pool(node, None) for node in silent_nodes_of(self.cluster_id)]

    def holder_service(self, hour: datetime) -> NDArray[np.int32]:
        """Service index by place in `holder_ids`, by the rules that hold at the hour."""
        return self._holder_service(self._service_rules.at(hour))

    def _services_of_holders(self, rules: tuple[NameRule, ...]) -> NDArray[np.int32]:
        found = [0] + [
            target_of(rules, self.cluster_id, "pod", f"{holder.namespace}/{holder.pod}")
            for holder in self.holders
        ]
        return np.array([self.service_index.get(service, 0) for service in found], dtype=np.int32)


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
    """Minutes by state for [hours, pools, services]; see `domain.capacity`."""
    places = Places(cluster_id, pool_ids, service_ids)
    at_once = max(1, STRIPS_AT_ONCE // max(len(places.devices), 1))
    parts = [
        _of_hours(places, hours[start : start + at_once], pool_ids, service_ids)
        for start in range(0, len(hours), at_once)
    ]
    return StateMinutes(*(np.concatenate(columns) for columns in zip(*map(_columns, parts), strict=True)))


def _columns(state: StateMinutes) -> tuple[Any, ...]:
    return state.minutes, state.busy, state.serving_busy, state.sampled


def _of_hours(
    places: Places, hours: Sequence[datetime], pool_ids: Sequence[int], service_ids: Sequence[int]
) -> StateMinutes:
    strips = read_strips(places.cluster_id, hours)
    starts = np.array([int(hour.timestamp()) for hour in hours], dtype=np.int64)
    hour = np.searchsorted(starts, strips["hour"]).astype(np.int32)
    device = np.searchsorted(places.device_ids, strips["device_id"])
    rows = DeviceHours(
        hour=hour,
        device=strips["device_id"],
        pool=places.device_pool[device],
        service=_services(places, hours, hour, strips["holder_id"]),
        life=_life_in_hour(places.life[device], starts[hour]),
        floor=_floors(pool_ids)[places.device_pool[device]][:, None],
        signals={name: strips[name] for name in SIGNALS},
    )
    shape = (len(hours), len(pool_ids), len(service_ids))
    silent = _silent(places, starts, hour, device, shape, pool_ids)
    return state_minutes(rows, silent, declared_reserves(hours, pool_ids, service_ids), shape)


def _services(
    places: Places, hours: Sequence[datetime], hour: NDArray[np.int32], holder_id: Any
) -> NDArray[np.int32]:
    holder = np.searchsorted(places.holder_ids, holder_id)
    by_hour = np.stack([places.holder_service(moment) for moment in hours])
    services: NDArray[np.int32] = by_hour[hour, holder]
    return services


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
    shape: tuple[int, int, int],
    pool_ids: Sequence[int],
) -> NDArray[np.int64]:
    """[hours, pools]: minutes that living devices without any strip in the hour were priced for."""
    silent = np.zeros(shape[:2], dtype=np.int64)
    seen = np.zeros((shape[0], len(places.devices)), dtype=bool)
    seen[hour, device] = True
    for place, start in enumerate(starts):
        span = np.clip((places.life - start) // 60, 0, 60)
        minutes = np.where(seen[place], 0, span[:, 1] - span[:, 0])
        np.add.at(silent[place], places.device_pool, minutes)
    per_node = dict(Pool.objects.filter(pk__in=pool_ids).values_list("pk", "devices_per_node"))
    for pool in places.silent_nodes():
        silent[:, pool] += 60 * per_node.get(pool_ids[pool], 1)
    return silent
