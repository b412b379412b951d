"""From hour strips to minutes by state: every device-minute of a cluster's hours, exactly once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.domain.reserves import Divided, divide
from attribution.domain.seat import Seat
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
    """Strips of a cluster, sorted by (hour, device, holder); `hour`, `pool`, `seat` are indices.

    `life` [n, 2] is the span of minutes [from, to) in which the device lives in that hour. A signal that
    nobody sent is all NaN. `floor` [n, 1] is the pool's busy floor.
    """

    hour: Int32
    device: Int32
    pool: Int32
    seat: Int32
    life: NDArray[np.int16]
    floor: Float32
    signals: dict[str, Float32]


@dataclass(frozen=True)
class Reserves:
    """Declared devices: per [hour, pool, seat] those of its service, and of whole pools per [hour, pool]."""

    failover: Int64
    warm: Int64
    pool_failover: Int64
    pool_warm: Int64


@dataclass(frozen=True)
class StateMinutes:
    """`minutes` [hours, pools, seats, uses]; `busy` and `serving_busy` in device-minutes of engine time,
    over all sampled minutes and over serving ones; `sampled` minutes with a busy sample.

    `seats` are sorted, and the first is that of no service and no tenant."""

    seats: tuple[Seat, ...]
    minutes: Int64
    busy: NDArray[np.float64]
    serving_busy: NDArray[np.float64]
    sampled: Int64


@dataclass(frozen=True)
class Counted:
    """What strips say whatever reserve is declared: as `StateMinutes`, but for ready minutes without work.

    Those are in `workless` [hours, pools, seats, 60] as devices of each minute, because a reserve is filled
    minute by minute; in `minutes` their three uses are 0.
    """

    seats: tuple[Seat, ...]
    minutes: Int64
    workless: Int64
    busy: NDArray[np.float64]
    serving_busy: NDArray[np.float64]
    sampled: Int64


def with_reserves(counted: Counted, reserves: Reserves) -> StateMinutes:
    """Divide ready minutes without work among the declared reserves and idle."""
    minutes, seats = counted.minutes.copy(), counted.seats
    _add_reserves(minutes, counted.workless, reserves, _first_seats(seats))
    return StateMinutes(seats, minutes, counted.busy, counted.serving_busy, counted.sampled)


def count_states(rows: DeviceHours, silent: Int64, seats: tuple[Seat, ...]) -> Counted:
    """Count the minutes of every state; `silent` [hours, pools] are priced minutes of devices without strips.

    `seats` has every seat that `rows` name by its index, sorted; seat 0 is that of nobody.
    """
    signals, shape = rows.signals, (*silent.shape, len(seats))
    codes = classify(
        signals["node_ready"],
        signals["held"],
        signals["ready"],
        signals["busy"],
        signals["pending"],
        rows.floor,
    )
    _leave_out(codes, rows)
    cell = np.ravel_multi_index((rows.hour, rows.pool, rows.seat), shape)
    size = int(np.prod(shape))
    flat = np.zeros((size, len(MINUTE_USES)), dtype=np.int64)
    for state, column in _PLAIN.items():
        flat[:, column] = _sum(cell, (codes == state).sum(axis=1), size)
    counted = np.where(codes == _ABSENT, np.float32(0), np.nan_to_num(signals["busy"]))
    serving = np.where(codes == State.SERVING, counted, np.float32(0))
    sampled = (~np.isnan(signals["busy"]) & (codes != _ABSENT)).sum(axis=1)
    minutes = flat.reshape(*shape, len(MINUTE_USES))
    minutes[:, :, 0, 8] += silent
    return Counted(
        seats,
        minutes,
        _workless(codes, cell, size).reshape(*shape, 60),
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


def _first_seats(seats: tuple[Seat, ...]) -> Int64:
    """For every seat, the index of its service's first seat."""
    services = np.array([seat.service_id for seat in seats], dtype=np.int64)
    first: Int64 = np.searchsorted(services, services)
    return first


def _add_reserves(minutes: Int64, workless: Int64, reserves: Reserves, first: Int64) -> None:
    """Divide workless minutes [hours, pools, seats, 60]: each service's own reserve, then the pool's."""
    own = _in_order(workless, reserves.failover[..., None], reserves.warm[..., None], first)
    shared = _in_order(
        own.idle,
        reserves.pool_failover[:, :, None, None],
        reserves.pool_warm[:, :, None, None],
        np.zeros_like(first),
    )
    minutes[..., 3] += (own.warm + shared.warm).sum(axis=-1)
    minutes[..., 4] += (own.failover + shared.failover).sum(axis=-1)
    minutes[..., 5] += shared.idle.sum(axis=-1)


def _in_order(workless: Int64, failover: Int64, warm: Int64, first: Int64) -> Divided[Int64]:
    """Let seats give, one after another from `first` on, what is declared for all of them together."""
    before = np.cumsum(workless, axis=2) - workless
    before -= before[:, :, first]
    beyond = np.maximum(before - failover, 0)
    return divide(workless, np.maximum(failover - before, 0), np.maximum(warm - beyond, 0))
