"""Device-minutes that more than one row tells of: slices, sharers, and hands that change.

A device-minute is PARTS. A slice has its part of them while it is there. Several holders of one slice (or of
a whole device) in the same minute share it by policy: equally, or each by the replicas that it asked for, of
those that the slice is offered as. What no slice and no sharer has is left over, and is unallocated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.domain.device_parts import PARTS
from attribution.domain.segments import split_segments
from attribution.domain.states import State

Int8 = NDArray[np.int8]
Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

# A minute outside of a device's life, or in which a slice is not there.
ABSENT = 7
# In the signal `held`: the slice is not there in this minute.
NOT_THERE = -1.0
_LATE, _NEVER = 2**30, 2**31


@dataclass(frozen=True)
class Rows:
    """Rows of devices that have slices, sharers or several holders, sorted by hour, device, slice, holder.

    `device` and `slice` [n] tell groups apart (the first within an hour, the second within a device); `size`
    [n] is the slice in parts; `replicas` [n] as how many it is offered, 0 where sharers are equal; `asked`
    [n, 60] replicas. `codes` are states, silent minutes outside of `life` [n, 2] being ABSENT.
    """

    device: Int64
    slice: Int64
    size: Int64
    replicas: Int64
    asked: Float32
    held: Float32
    busy: Float32
    life: NDArray[np.int16]
    codes: Int8


@dataclass(frozen=True)
class Pieces:
    """Parts [k, 60] of device-minutes with their state and busy share; `by_policy` marks divided ones.

    `row` [k] is the row that a piece is of; where it is `of_nobody` [k] it names any row of the device. Busy
    is NaN where there is no sample.
    """

    row: Int64
    of_nobody: Bool
    parts: Int64
    by_policy: Bool
    codes: Int8
    busy: Float32

    def with_parts(self) -> "Pieces":
        """Without those that have no part in any minute: most devices have nothing left over."""
        some = self.parts.any(axis=1)
        return Pieces(**{name: column[some] for name, column in vars(self).items()})


def divide_device_minutes(rows: Rows) -> Pieces:
    """Every minute in the life of each device, in pieces that sum to PARTS, whatever the rows say.

    ValueError where slices claim more than their device: the database refuses to store such rows.
    """
    there = rows.held != NOT_THERE
    codes = np.where(there, rows.codes, np.int8(ABSENT)).astype(np.int8)
    slices = _Groups(rows.slice)
    size = rows.size[slices.start]
    parts, free, split = _of_slices(rows, codes, slices, size)
    devices = _Groups(rows.device)
    left, left_codes = _left_over(
        rows, codes, devices, devices.sums(parts) + _by_device(devices, slices, free)
    )
    first = slices.start
    holding = np.where(parts > 0, rows.busy, np.float32(np.nan))
    free_codes = np.where(slices.any(codes == State.UNREADY), State.UNREADY, State.UNALLOCATED)
    return Pieces(
        row=np.concatenate((np.arange(len(codes)), first, devices.start)),
        of_nobody=np.arange(len(codes) + len(first) + len(devices.start)) >= len(codes),
        parts=np.concatenate((parts, free, left)),
        by_policy=np.concatenate(
            (split[slices.of] & (parts > 0), free > 0, np.zeros(left.shape, dtype=bool))
        ),
        codes=np.concatenate((codes, free_codes.astype(np.int8), left_codes)),
        busy=np.concatenate(
            (
                rows.busy,
                # Replicas that nobody asked for are busy as the device is: nobody can tell them apart.
                np.fmax.reduceat(holding, slices.start),
                np.where(left_codes == State.UNALLOCATED, np.float32(0), np.float32(np.nan)),
            )
        ),
    )


class _Groups:
    """Rows of equal keys stand together: `start` of each group, and `of` each row its group."""

    def __init__(self, key: Int64) -> None:
        new = np.concatenate(([True], key[1:] != key[:-1]))
        self.start = np.flatnonzero(new)
        self.of = np.cumsum(new) - 1

    def sums(self, values: NDArray[np.generic]) -> Int64:
        """[groups, 60]"""
        total: Int64 = np.add.reduceat(values, self.start, axis=0, dtype=np.int64)
        return total

    def any(self, values: Bool) -> Bool:
        """[groups, 60]"""
        some: Bool = np.logical_or.reduceat(values, self.start, axis=0)
        return some


def _by_device(devices: _Groups, slices: _Groups, of_slices: Int64) -> Int64:
    """Sums of figures by slice [slices, 60], by device."""
    return _Groups(devices.of[slices.start]).sums(of_slices)


def _of_slices(rows: Rows, codes: Int8, slices: _Groups, size: Int64) -> tuple[Int64, Int64, Bool]:
    """Parts of each row, parts of each slice that its policy leaves free, and which slices it divided."""
    known = (codes != State.NO_DATA) & (codes != ABSENT)
    holding = known & (rows.held > 0)
    holders = slices.sums(holding)
    chosen = np.where(holders[slices.of] > 0, holding, _first(codes, known, slices))
    count = np.maximum(holders, 1)
    base, more = np.divmod(size[:, None], count)
    before = np.cumsum(chosen, axis=0, dtype=np.int64)
    rank = before - chosen - (before - chosen)[slices.start][slices.of]
    parts = np.where(chosen, base[slices.of] + (rank < more[slices.of]), 0)
    replicas = rows.replicas[slices.start]
    free = np.zeros(holders.shape, dtype=np.int64)
    by_request = (replicas[:, None] > 0) & (holders > 0)
    if by_request.any():
        _by_request(rows, holding, slices, size, by_request, parts, free)
    return parts, free, (holders > 1) | by_request


def _first(codes: Int8, known: Bool, slices: _Groups) -> Bool:
    """The one row of each slice that tells a minute which nobody holds: the first, best one that knows it."""
    place = np.arange(len(codes), dtype=np.int64)[:, None]
    order = np.where(known, place, np.where(codes != ABSENT, place + _LATE, _NEVER))
    best = np.minimum.reduceat(order, slices.start, axis=0)
    chosen: Bool = (order == best[slices.of]) & (order < _NEVER)
    return chosen


def _by_request(
    rows: Rows, holding: Bool, slices: _Groups, size: Int64, chosen: Bool, parts: Int64, free: Int64
) -> None:
    """Split slices [slices, 60] that are `chosen` by replicas; writes into `parts` and `free`."""
    group, minute = np.nonzero(chosen)
    counts = np.diff(np.append(slices.start, len(parts)))[group]
    offsets = np.concatenate(([0], np.cumsum(counts + 1)))
    segment = np.repeat(np.arange(len(group)), counts + 1)
    within = np.arange(offsets[-1]) - offsets[segment]
    is_free = within == counts[segment]
    row = np.where(is_free, 0, slices.start[group[segment]] + within)
    at = minute[segment]
    # Who holds a device has asked for one replica at least.
    asked = np.maximum(np.nan_to_num(rows.asked[row, at]).astype(np.int64), 1)
    weight = np.where(is_free | ~holding[row, at], 0, asked)
    taken = np.add.reduceat(weight, offsets[:-1])
    weight[offsets[1:] - 1] = np.maximum(rows.replicas[slices.start][group] - taken, 0)
    split = split_segments(size[group], offsets, weight).parts
    parts[row[~is_free], at[~is_free]] = split[~is_free]
    free[group, minute] = split[is_free]


def _left_over(rows: Rows, codes: Int8, devices: _Groups, told: Int64) -> tuple[Int64, Int8]:
    """Parts of every device's minutes that no slice has, and their state."""
    known = devices.any((codes != State.NO_DATA) & (codes != ABSENT))
    minute, life = np.arange(60), rows.life[devices.start]
    alive = (minute >= life[:, :1]) & (minute < life[:, 1:])
    left = np.where(alive | known, PARTS, 0) - told
    if left.min(initial=0) < 0:
        place = int(np.argwhere(left < 0)[0, 0])
        raise ValueError(f"slices of device {rows.device[devices.start[place]]} sum to more than the device")
    state = np.where(known, np.int8(State.UNALLOCATED), np.int8(State.NO_DATA))
    unready = devices.any(codes == State.UNREADY)
    return left, np.where(unready, np.int8(State.UNREADY), state).astype(np.int8)
