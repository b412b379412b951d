"""From hour strips to minutes by state: every device-minute of a cluster's hours, exactly once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.domain.reserves import divide
from attribution.domain.states import State, classify

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]

# The uses that device-minutes go into; the last axis of `StateMinutes.minutes`.
MINUTE_USES = (
    "serving",
    "stalled",
    "loading",
    "warm_reserve",
    "failover_reserve",
    "idle",
    "unallocated",
    "unready",
    "no_data",
)
# A minute outside of a device's life, or one that another row of the same device accounts for.
_ABSENT = 7
_PLAIN = {
    State.SERVING: 0,
    State.STALLED: 1,
    State.LOADING: 2,
    State.UNALLOCATED: 6,
    State.UNREADY: 7,
    State.NO_DATA: 8,
}


@dataclass(frozen=True)
class DeviceHours:
    """Strips of a cluster, sorted by (hour, device, holder); `hour`, `pool`, `service` are indices.

    `life` [n, 2] is the span of minutes [from, to) in which the device lives in that hour. A signal that
    nobody sent is all NaN. `floor` [n, 1] is the pool's busy floor.
    """

    hour: Int32
    device: Int32
    pool: Int32
    service: Int32
    life: NDArray[np.int16]
    floor: Float32
    signals: dict[str, Float32]


@dataclass(frozen=True)
class Reserves:
    """Declared devices: per [hour, pool, service], and for whole pools [hour, pool]."""

    failover: Int64
    warm: Int64
    pool_failover: Int64
    pool_warm: Int64


@dataclass(frozen=True)
class StateMinutes:
    """`minutes` [hours, pools, services, uses]; `busy` and `serving_busy` in device-minutes of engine time,
    over all sampled minutes and over serving ones; `sampled` minutes with a busy sample."""

    minutes: Int64
    busy: NDArray[np.float64]
    serving_busy: NDArray[np.float64]
    sampled: Int64


def state_minutes(
    rows: DeviceHours, silent: Int64, reserves: Reserves, shape: tuple[int, int, int]
) -> StateMinutes:
    """Count the minutes of every state; `silent` [hours, pools] are priced minutes of devices without strips.

    `shape` is (hours, pools, services). Service index 0 is "none".
    """
    signals = rows.signals
    codes = classify(
        signals["node_ready"],
        signals["held"],
        signals["ready"],
        signals["busy"],
        signals["pending"],
        rows.floor,
    )
    _leave_out(codes, rows)
    cell = np.ravel_multi_index((rows.hour, rows.pool, rows.service), shape)
    size = int(np.prod(shape))
    flat = np.zeros((size, len(MINUTE_USES)), dtype=np.int64)
    for state, column in _PLAIN.items():
        flat[:, column] = _sum(cell, (codes == state).sum(axis=1), size)
    counted = np.where(codes == _ABSENT, np.float32(0), np.nan_to_num(signals["busy"]))
    serving = np.where(codes == State.SERVING, counted, np.float32(0))
    sampled = (~np.isnan(signals["busy"]) & (codes != _ABSENT)).sum(axis=1)
    minutes = flat.reshape(*shape, len(MINUTE_USES))
    minutes[:, :, 0, 8] += silent
    _add_reserves(minutes, _workless(codes, cell, size).reshape(*shape, 60), reserves)
    return StateMinutes(
        minutes,
        _sum(cell, counted.sum(axis=1, dtype=np.float64), size).reshape(shape),
        _sum(cell, serving.sum(axis=1, dtype=np.float64), size).reshape(shape),
        _sum(cell, sampled, size).astype(np.int64).reshape(shape),
    )


def _sum(cell: Int64, values: NDArray[np.number], size: int) -> NDArray[np.float64]:
    # Sums of up to 60 minutes for some thousand devices are exact in a float64.
    return np.bincount(cell, weights=values, minlength=size).astype(np.float64)


def _leave_out(codes: NDArray[np.int8], rows: DeviceHours) -> None:
    """Mark minutes that are not this row's to count: outside of life, or told by another holder's row."""
    silent = codes == State.NO_DATA
    partial = np.flatnonzero((rows.life[:, 0] > 0) | (rows.life[:, 1] < 60))
    minute = np.arange(60)
    outside = (minute < rows.life[partial, :1]) | (minute >= rows.life[partial, 1:])
    codes[partial] = np.where(silent[partial] & outside, _ABSENT, codes[partial])
    same = (rows.hour[1:] == rows.hour[:-1]) & (rows.device[1:] == rows.device[:-1])
    if not same.any():
        return
    start = np.flatnonzero(np.concatenate(([True], ~same)))
    for first, last in zip(start, np.append(start[1:], len(codes)), strict=True):
        if last - first > 1:
            _one_holder_a_minute(codes[first:last])


def _one_holder_a_minute(codes: NDArray[np.int8]) -> None:
    """Of a device's rows, let the first that knows the minute tell it; if none does, the first row."""
    told = (codes != State.NO_DATA) & (codes != _ABSENT)
    teller = np.where(told.any(axis=0), told.argmax(axis=0), 0)
    others = np.arange(len(codes))[:, None] != teller
    codes[others] = _ABSENT


def _workless(codes: NDArray[np.int8], cell: Int64, size: int) -> Int64:
    """[cells, 60]: ready devices without work in every minute."""
    row, minute = np.nonzero(codes == State.WORKLESS)
    return np.bincount(cell[row] * 60 + minute, minlength=size * 60)


def _add_reserves(minutes: Int64, workless: Int64, reserves: Reserves) -> None:
    """Divide workless minutes [hours, pools, services, 60]: each service's own reserve, then the pool's."""
    own = divide(workless, reserves.failover[..., None], reserves.warm[..., None])
    failover = _take(own.idle, reserves.pool_failover)
    warm = _take(own.idle - failover, reserves.pool_warm)
    minutes[..., 3] += (own.warm + warm).sum(axis=-1)
    minutes[..., 4] += (own.failover + failover).sum(axis=-1)
    minutes[..., 5] += (own.idle - failover - warm).sum(axis=-1)


def _take(free: Int64, declared: Int64) -> Int64:
    """Let services, in their order, give what a pool has declared as a whole [hours, pools]."""
    before = np.cumsum(free, axis=2) - free
    return np.clip(declared[:, :, None, None] - before, 0, free)
