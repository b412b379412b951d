"""Every device-minute is in exactly one state.

Start from the inventory, not from usage: a device that nobody used has minutes too.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
Int8 = NDArray[np.int8]

BUSY_FLOOR = 0.05


class State(IntEnum):
    """State of a device in a minute. The codes are stored: append, never renumber."""

    UNREADY = 0
    UNALLOCATED = 1
    LOADING = 2
    SERVING = 3
    STALLED = 4
    # Divided afterwards into failover reserve, warm reserve and idle: see reserves.
    WORKLESS = 5
    NO_DATA = 6


def classify(
    node_ready: Float32,
    held: Float32,
    ready: Float32,
    busy: Float32,
    pending: Float32,
    busy_floor: ArrayLike = BUSY_FLOOR,
) -> Int8:
    """Return the state code of every minute; all arrays are [n, 60] float32, NaN where no sample is.

    `node_ready`, `held` and `ready` are 0 or more, `busy` is a share from 0 to 1, `pending` counts the
    requests that run or wait on the device. `busy_floor` is one figure or one per device, [n, 1].
    The first that holds: unready (node_ready is 0), unallocated (held is 0), loading (held, ready is 0),
    no_data (busy or held has no sample), serving (busy at the floor or above), stalled (pending above
    0), workless. An unknown readiness is taken for ready: many fleets do not report it.
    """
    busy = np.asarray(busy, dtype=np.float32)
    # In float32 too: the sample 0.7 is stored a little below 0.7 and must still reach a floor of 0.7.
    floor = np.asarray(busy_floor, dtype=np.float32)
    states = np.full(busy.shape, State.WORKLESS, dtype=np.int8)
    # From the last row of the rule to the first: the later assignment wins. NaN compares as False.
    np.copyto(states, State.STALLED, where=np.greater(pending, 0))
    np.copyto(states, State.SERVING, where=busy >= floor)
    is_held = np.greater(held, 0)
    np.copyto(states, State.NO_DATA, where=np.isnan(busy) | ~is_held)
    np.copyto(states, State.LOADING, where=is_held & np.equal(ready, 0))
    np.copyto(states, State.UNALLOCATED, where=np.equal(held, 0))
    np.copyto(states, State.UNREADY, where=np.equal(node_ready, 0))
    return states
