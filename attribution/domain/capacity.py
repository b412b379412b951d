"""From hour strips to minutes by state: every device-minute of a cluster's hours, exactly once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.domain.device_parts import PARTS
from attribution.domain.reserves import Divided, divide
from attribution.domain.seat import Seat
from attribution.domain.sharing import ABSENT, NOT_THERE, Pieces, Rows, divide_device_minutes
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
_PLAIN = {
    State.SERVING: 0,
    State.STALLED: 1,
    State.LOADING: 2,
    State.UNALLOCATED: 6,
    State.UNREADY: 7,
    State.NO_DATA: 8,
}
# Where each code is counted; workless and absent minutes in a column that is left out.
_COLUMNS = len(MINUTE_USES) + 1
_COLUMN_OF = np.array(
    [_PLAIN.get(State(code), _COLUMNS - 1) if code != ABSENT else _COLUMNS - 1 for code in range(8)]
)


@dataclass(frozen=True)
class Slicing:
    """How the devices of rows are divided: `slice` [n] is 0 for a whole device, `size` [n] its PARTS.

    `replicas` [n] is as how many a slice is offered to pods, where each pays for those that it asked for
    (`asked` [n, 60]); 0 where all who hold it share it equally.
    """

    slice: Int32
    size: Int64
    replicas: Int32
    asked: Float32 | None = None


@dataclass(frozen=True)
class DeviceHours:
    """Strips of a cluster, sorted by (hour, device, slice, holder); `hour`, `pool`, `seat` are indices.

    `life` [n, 2] is the span of minutes [from, to) in which the device lives in that hour. A signal that
    nobody sent is all NaN. `floor` [n, 1] is the pool's busy floor. `slicing` None: all devices are whole,
    and several holders of one in a minute share it equally.
    """

    hour: Int32
    device: Int32
    pool: Int32
    seat: Int32
    life: NDArray[np.int16]
    floor: Float32
    signals: dict[str, Float32]
    slicing: Slicing | None = None


@dataclass(frozen=True)
class Reserves:
    """Declared devices: per [hour, pool, seat] those of its service, and of whole pools per [hour, pool]."""

    failover: Int64
    warm: Int64
    pool_failover: Int64
    pool_warm: Int64


@dataclass(frozen=True)
class StateMinutes:
    """`minutes` [hours, pools, seats, uses] in PARTS of a device-minute, as is `sampled`, with a busy sample;
    `busy` and `serving_busy` in device-minutes of engine time, over sampled minutes and over serving ones.

    `seats` are sorted, and the first is that of no service and no tenant."""

    seats: tuple[Seat, ...]
    minutes: Int64
    busy: NDArray[np.float64]
    serving_busy: NDArray[np.float64]
    sampled: Int64


@dataclass(frozen=True)
class Counted:
    """What strips say whatever reserve is declared: as `StateMinutes`, but for ready minutes without work.

    Those are in `workless` [hours, pools, seats, 60] as PARTS of each minute's devices, because a reserve is
    filled minute by minute; in `minutes` their three uses are 0.
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

    `seats` has every seat that `rows` name by its index, sorted; seat 0 is that of nobody. Seats of minutes
    that a policy divided are added.
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
    several = _several(rows)
    tally = _Tally((*silent.shape, len(seats)))
    tally.add_whole(rows, codes, np.flatnonzero(~several) if several.any() else slice(None))
    if several.any() and rows.slicing is not None:
        slices = several & _in_whole_slices(rows, codes, rows.slicing)
        tally.add_whole(rows, codes, np.flatnonzero(slices), rows.slicing.size[slices])
        several &= ~slices
    if several.any():
        tally.add_pieces(rows, codes, np.flatnonzero(several))
    tally.minutes[:, :, 0, 0, 8] += silent * PARTS
    return tally.counted(seats)


class _Tally:
    """What was counted so far; the axis before uses tells minutes that a policy divided (1) from others."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self._shape = (*shape, 2)
        self.minutes = np.zeros((*self._shape, len(MINUTE_USES)), dtype=np.int64)
        self.workless = np.zeros((*self._shape, 60), dtype=np.int64)
        self.busy, self.serving_busy = np.zeros(self._shape), np.zeros(self._shape)
        self.sampled = np.zeros(self._shape, dtype=np.int64)

    def add_whole(
        self, rows: DeviceHours, codes: NDArray[np.int8], chosen: Int64 | slice, size: Int64 | None = None
    ) -> None:
        """Rows that each are a whole device, or a slice of `size` [chosen] PARTS that one holder has."""
        codes, busy = codes[chosen], rows.signals["busy"][chosen]
        cell, parts = self._cell(rows, chosen), PARTS if size is None else size
        for state, column in _PLAIN.items():
            self._add(self.minutes[..., column], cell, (codes == state).sum(axis=1) * parts)
        row, minute = np.nonzero(codes == State.WORKLESS)
        self._add(self.workless, cell[row] * 60 + minute, None if size is None else size[row], PARTS)
        counted = np.where(codes == ABSENT, np.float32(0), np.nan_to_num(busy))
        if size is not None:
            counted = counted * (size / PARTS)[:, None]
        serving = np.where(codes == State.SERVING, counted, np.float32(0))
        self._add(self.busy, cell, counted.sum(axis=1, dtype=np.float64))
        self._add(self.serving_busy, cell, serving.sum(axis=1, dtype=np.float64))
        self._add(self.sampled, cell, (~np.isnan(busy) & (codes != ABSENT)).sum(axis=1) * parts)

    def add_pieces(self, rows: DeviceHours, codes: NDArray[np.int8], chosen: Int64) -> None:
        """Rows of devices with sharers, parts that no slice has, or hands that change within the hour."""
        pieces = divide_device_minutes(_rows_of(rows, codes, chosen)).with_parts()
        cell = self._cell(rows, chosen[pieces.row], pieces.of_nobody)
        own = cell[:, None] + pieces.by_policy
        self._add_states(own, pieces)
        row, minute = np.nonzero((pieces.codes == State.WORKLESS) & (pieces.parts > 0))
        self._add(self.workless, own[row, minute] * 60 + minute, pieces.parts[row, minute])
        share = pieces.parts / PARTS
        busy = np.nan_to_num(pieces.busy) * share
        known = ~np.isnan(pieces.busy)
        for place, of_policy in enumerate((~pieces.by_policy, pieces.by_policy)):
            if place and not of_policy.any():
                continue
            serving = of_policy & (pieces.codes == State.SERVING)
            self._add(self.busy, cell + place, (busy * of_policy).sum(axis=1))
            self._add(self.serving_busy, cell + place, (busy * serving).sum(axis=1))
            self._add(self.sampled, cell + place, (pieces.parts * (known & of_policy)).sum(axis=1))

    def _add_states(self, own: Int64, pieces: Pieces) -> None:
        """Minutes of all states at once; `own` [pieces, 60] is each minute's cell."""
        cells = int(np.prod(self._shape))
        place = own * _COLUMNS + _COLUMN_OF[pieces.codes]
        sums = np.bincount(place.ravel(), weights=pieces.parts.ravel(), minlength=cells * _COLUMNS)
        plain = sums.astype(np.int64).reshape(*self._shape, _COLUMNS)[..., : len(MINUTE_USES)]
        self.minutes += plain

    def _cell(
        self, rows: DeviceHours, chosen: Int64 | slice, of_nobody: NDArray[np.bool_] | None = None
    ) -> Int64:
        seat = rows.seat[chosen].copy()
        if of_nobody is not None:
            seat[of_nobody] = 0
        place = (rows.hour[chosen], rows.pool[chosen], seat, np.zeros(len(seat), dtype=np.int64))
        return np.asarray(np.ravel_multi_index(place, self._shape), dtype=np.int64)

    def _add(
        self, into: NDArray[np.generic], cell: Int64, values: NDArray[np.number] | None, times: int = 1
    ) -> None:
        # Sums of an hour's parts of 10,000 devices are exact in a float64. `times`: of what is only counted.
        sums = np.bincount(cell, weights=values, minlength=into.size).reshape(into.shape)
        into += sums.astype(into.dtype) * (times if values is None else 1)  # type: ignore[misc]  # of integers or of floats

    def counted(self, seats: tuple[Seat, ...]) -> Counted:
        """Seats in their order, each that has minutes by policy followed by a seat of its own for them."""
        some: NDArray[np.bool_] = np.asarray(self.minutes.any(axis=4) | self.workless.any(axis=4))
        policy = np.any(some[..., 1], axis=(0, 1)).tolist()
        kept = np.array([(True, of_seat) for of_seat in policy]).ravel()
        names = tuple(
            seat._replace(by_policy=place)
            for seat, of_seat in zip(seats, policy, strict=True)
            for place in ((0, 1) if of_seat else (0,))
        )

        def joined(array: Any) -> Any:
            return array.reshape(*self._shape[:2], -1, *array.shape[4:])[:, :, kept]

        return Counted(
            names,
            joined(self.minutes),
            joined(self.workless),
            joined(self.busy),
            joined(self.serving_busy),
            joined(self.sampled),
        )


def _several(rows: DeviceHours) -> NDArray[np.bool_]:
    """Rows that do not each stand for a whole device."""
    same = (rows.hour[1:] == rows.hour[:-1]) & (rows.device[1:] == rows.device[:-1])
    several = np.zeros(len(rows.hour), dtype=bool)
    several[1:] |= same
    several[:-1] |= same
    if rows.slicing is not None:
        several |= (rows.slicing.size != PARTS) | (rows.slicing.slice != 0) | (rows.slicing.replicas > 0)
    return several


def _in_whole_slices(rows: DeviceHours, codes: NDArray[np.int8], slicing: Slicing) -> NDArray[np.bool_]:
    """Rows of devices that are all slices, each there for the whole hour and with one holder."""
    device = (rows.hour[1:] != rows.hour[:-1]) | (rows.device[1:] != rows.device[:-1])
    of_slice = device | (slicing.slice[1:] != slicing.slice[:-1]) | (slicing.size[1:] != slicing.size[:-1])
    alone = np.append(True, of_slice) & np.append(of_slice, True)
    there = (codes != ABSENT).all(axis=1) & (rows.signals["held"] != NOT_THERE).all(axis=1)
    starts = np.flatnonzero(np.append(True, device))
    whole = np.logical_and.reduceat(alone & there & (slicing.replicas == 0), starts)
    whole &= np.add.reduceat(slicing.size, starts) == PARTS
    return np.repeat(whole, np.diff(np.append(starts, len(rows.hour))))


def _rows_of(rows: DeviceHours, codes: NDArray[np.int8], chosen: Int64) -> Rows:
    count, slicing = len(chosen), rows.slicing
    device = rows.hour[chosen].astype(np.int64) << 32 | rows.device[chosen]
    if slicing is None:
        size, replicas, key = np.full(count, PARTS), np.zeros(count, dtype=np.int64), device
    else:
        size, replicas = slicing.size[chosen], slicing.replicas[chosen].astype(np.int64)
        mark = np.stack((device, slicing.slice[chosen], size), axis=1)
        key = np.concatenate(([0], np.cumsum((mark[1:] != mark[:-1]).any(axis=1))))
    held = rows.signals["held"][chosen]
    return Rows(
        device=device,
        slice=key,
        size=size,
        replicas=replicas,
        asked=held if slicing is None or slicing.asked is None else slicing.asked[chosen],
        held=held,
        busy=rows.signals["busy"][chosen],
        life=rows.life[chosen],
        codes=codes[chosen],
    )


def _leave_out(codes: NDArray[np.int8], rows: DeviceHours) -> None:
    """Mark silent minutes outside of the device's life."""
    partial = np.flatnonzero((rows.life[:, 0] > 0) | (rows.life[:, 1] < 60))
    minute = np.arange(60)
    outside = (minute < rows.life[partial, :1]) | (minute >= rows.life[partial, 1:])
    codes[partial] = np.where((codes[partial] == State.NO_DATA) & outside, ABSENT, codes[partial])


def _first_seats(seats: tuple[Seat, ...]) -> Int64:
    """For every seat, the index of its service's first seat."""
    services = np.array([seat.service_id for seat in seats], dtype=np.int64)
    first: Int64 = np.searchsorted(services, services)
    return first


def _add_reserves(minutes: Int64, workless: Int64, reserves: Reserves, first: Int64) -> None:
    """Divide workless minutes [hours, pools, seats, 60]: each service's own reserve, then the pool's."""
    own = _in_order(workless, reserves.failover[..., None] * PARTS, reserves.warm[..., None] * PARTS, first)
    shared = _in_order(
        own.idle,
        reserves.pool_failover[:, :, None, None] * PARTS,
        reserves.pool_warm[:, :, None, None] * PARTS,
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
