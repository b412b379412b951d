"""State minutes of a cluster's hours, from its strips and inventory."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.domain.capacity import (
    Counted,
    DeviceHours,
    Slicing,
    StateMinutes,
    count_states,
    with_reserves,
)
from attribution.domain.device_parts import PARTS
from attribution.domain.state_cells import cells_of, counted_of
from attribution.models.pool import Pool, Sharing
from attribution.operations.declared import Declared
from attribution.operations.kept_states import FreshStates, kept_states
from attribution.operations.places import Places, life_in_hours
from attribution.operations.states_key import StatesKey
from attribution.queries.strips import SIGNALS, read_strips, replicas_asked, strips_of

# Strips in memory at once: about 100 MB on their way from the wire to minutes.
STRIPS_AT_ONCE = 12_000


class States(NamedTuple):
    """Minutes by state, and the cells of hours that were counted from strips and are not kept yet."""

    minutes: StateMinutes
    fresh: list[FreshStates]


def device_minutes(
    places: Places, hours: Sequence[datetime], service_ids: Sequence[int], declared: Declared
) -> States:
    """Minutes by state for [hours, pools, seats], with a seat for every service; see `domain.capacity`.

    What was counted before and depends on nothing that has changed is not counted again.
    """
    pool_ids = places.pool_ids
    kept = kept_states(places.cluster_id, hours, StatesKey(places))
    missing = [hour for hour in hours if kept[hour].cells is None]
    fresh: list[FreshStates] = []
    for some in _batches(places.cluster_id, missing):
        cells = cells_of(_count(places, some, service_ids), pool_ids)
        fresh += [FreshStates(hour, kept[hour].key, of) for hour, of in zip(some, cells, strict=True)]
    known = {hour: of.cells for hour, of in kept.items() if of.cells is not None}
    known |= {row.hour: row.cells for row in fresh}
    counted = counted_of([known[hour] for hour in hours], pool_ids, service_ids)
    reserves = declared.reserves(pool_ids, counted.seats)
    return States(with_reserves(counted, reserves), fresh)


def _batches(cluster_id: int, hours: Sequence[datetime]) -> Iterator[list[datetime]]:
    """Hours in their order, as many at once as strips fit in memory: a device in slices has one for each."""
    strips = strips_of(cluster_id, hours) if hours else {}
    batch: list[datetime] = []
    held = 0
    for hour in hours:
        own = strips.get(hour, 0)
        if batch and held + own > STRIPS_AT_ONCE:
            yield batch
            batch, held = [], 0
        batch.append(hour)
        held += own
    if batch:
        yield batch


def _count(places: Places, hours: Sequence[datetime], service_ids: Sequence[int]) -> Counted:
    pool_ids = places.pool_ids
    strips = read_strips(places.cluster_id, hours)
    starts = np.array([int(hour.timestamp()) for hour in hours], dtype=np.int64)
    hour = np.searchsorted(starts, strips["hour"]).astype(np.int32)
    device = np.searchsorted(places.device_ids, strips["device_id"])
    seats, seat = places.holders.seats(hours, hour, strips["holder_id"], service_ids)
    pool = places.device_pool[device]
    rows = DeviceHours(
        hour=hour,
        device=strips["device_id"],
        pool=pool,
        seat=seat,
        life=life_in_hours(places.life[device], starts[hour]),
        floor=_floors(pool_ids)[pool][:, None],
        signals={name: strips[name] for name in SIGNALS},
        slicing=_slicing(places, hours, strips, pool),
    )
    return count_states(rows, _silent(places, starts, hour, device, pool_ids), seats)


def _slicing(
    places: Places, hours: Sequence[datetime], strips: dict[str, Any], pool: NDArray[np.int32]
) -> Slicing | None:
    """How the devices of the rows are divided; None where each is whole."""
    replicas = _replicas(places.pool_ids)[pool]
    if not strips["slice"].any() and not replicas.any():
        return None
    return Slicing(
        slice=strips["slice"],
        size=PARTS * strips["slices"].astype(np.int64) // strips["of_slices"],
        replicas=replicas,
        asked=replicas_asked(places.cluster_id, hours, strips, replicas > 0),
    )


def _replicas(pool_ids: Sequence[int]) -> NDArray[np.int32]:
    """By pool, as how many replicas a device is offered where pods pay for those they asked for; else 0."""
    by_request = Pool.objects.filter(pk__in=pool_ids, sharing=Sharing.REQUEST)
    replicas = dict(by_request.values_list("pk", "replicas"))
    return np.array([replicas.get(pool_id, 0) for pool_id in pool_ids], dtype=np.int32)


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
    for pool in places.silent_nodes:
        silent[:, pool] += 60 * per_node.get(pool_ids[pool], 1)
    return silent
