"""In which minutes a slice is there: a device may be cut anew at any time."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attribution.domain.device_parts import PARTS
from ingest.telemetry.units import Unit

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]


def units_there(units: Sequence[Unit], sampled: Bool) -> Bool:
    """[units, minutes], from the minutes in which each has a sample.

    Beside a slice with a sample the whole device is not there. A slice whose sample is missing while others
    have theirs is there between its first and its last one, where it fits; of two ways of cutting that are
    both seen in one minute, the later one has it. While the whole device is silent it stays cut as before.
    """
    there = np.ones(sampled.shape, dtype=bool)
    members: dict[object, list[int]] = defaultdict(list)
    for place, unit in enumerate(units):
        members[unit.device].append(place)
    for places in members.values():
        if len(places) > 1 or units[places[0]].slice:
            there[places] = _of_device([units[place] for place in places], sampled[places])
    return there


def _of_device(units: Sequence[Unit], sampled: Bool) -> Bool:
    sizes = np.array([unit.parts for unit in units], dtype=np.int64)
    is_slice = np.array([unit.slice > 0 for unit in units])
    there = sampled.copy()
    there[~is_slice] &= ~sampled[is_slice].any(axis=0)
    minute = np.arange(sampled.shape[1])
    last = np.where(sampled.any(axis=1), sampled.shape[1] - 1 - sampled[:, ::-1].argmax(axis=1), -1)
    for place in np.argsort(last, kind="stable"):  # those that end first yield
        too_many = sizes @ there > PARTS
        there[place] &= ~too_many
    known: Bool = np.asarray(there.any(axis=0))
    for place in np.flatnonzero(is_slice & sampled.any(axis=1)):
        between = (minute >= sampled[place].argmax()) & (minute <= last[place]) & known & ~there[place]
        there[place] |= between & (sizes @ there + sizes[place] <= PARTS)
    return _as_before(there, known)


def _as_before(there: Bool, known: Bool) -> Bool:
    """Silent minutes as the known one before them; those at the start as the first; without any, whole."""
    places = np.flatnonzero(known)
    if not len(places):
        there[0] = True
        return there
    before = np.searchsorted(places, np.arange(len(known)), side="right") - 1
    filled: Bool = there[:, places[np.maximum(before, 0)]]
    return filled
