"""What was counted in an hour, cell by cell: a cell is a pool and a seat that had minutes in it.

Cells name pools and seats by their ids, so that they can be kept and read again by whoever numbers these
otherwise.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.domain.capacity import MINUTE_USES, Counted
from attribution.domain.seat import Seat

# Bytes of this layout are kept in the database: a change of it has to change `LAYOUT`.
LAYOUT = b"state cells, 2"
CELL = np.dtype(
    [
        ("pool_id", "<i4"),
        ("service_id", "<i4"),
        ("tenant_id", "<i4"),
        ("by_policy", "<i4"),
        ("minutes", "<i8", (len(MINUTE_USES),)),
        ("workless", "<i8", (60,)),
        ("busy", "<f8"),
        ("serving_busy", "<f8"),
        ("sampled", "<i8"),
    ]
)
Cells = NDArray[np.void]
_FIGURES = ("minutes", "workless", "busy", "serving_busy", "sampled")


def cells_of(counted: Counted, pool_ids: Sequence[int]) -> list[Cells]:
    """The cells of each hour that have anything in them, sorted by pool and seat."""
    some = counted.minutes.any(axis=3) | counted.workless.any(axis=3)
    hour, pool, seat = np.nonzero(some)
    cells: Cells = np.zeros(len(hour), dtype=CELL)
    cells["pool_id"] = np.array(pool_ids, dtype=np.int64)[pool]
    seats = np.array(counted.seats, dtype=np.int64)
    for place, name in enumerate(Seat._fields):
        cells[name] = seats[seat, place]
    for name in _FIGURES:
        cells[name] = getattr(counted, name)[hour, pool, seat]
    return np.split(cells, np.searchsorted(hour, np.arange(1, len(counted.minutes))))


def counted_of(hours: Sequence[Cells], pool_ids: Sequence[int], service_ids: Sequence[int]) -> Counted:
    """The same as arrays over hours, pools and seats; every service has a seat. `pool_ids` are sorted."""
    cells = np.concatenate(hours)
    named = [Seat(*row) for row in zip(*(cells[name].tolist() for name in Seat._fields), strict=True)]
    seats = sorted(set(named) | {Seat(service_id, 0) for service_id in service_ids})
    index = {seat: place for place, seat in enumerate(seats)}
    hour = np.repeat(np.arange(len(hours)), [len(of_hour) for of_hour in hours])
    pool = np.searchsorted(np.array(pool_ids, dtype=np.int64), cells["pool_id"])
    seat = np.array([index[one] for one in named], dtype=np.int64)

    def dense(name: str) -> Any:
        of_cell = CELL[name]
        kind = np.int64 if of_cell.base.kind == "i" else np.float64
        array = np.zeros((len(hours), len(pool_ids), len(seats), *of_cell.shape), dtype=kind)
        array[hour, pool, seat] = cells[name]
        return array

    return Counted(tuple(seats), *(dense(name) for name in _FIGURES))
