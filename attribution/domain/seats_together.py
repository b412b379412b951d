"""Minutes of different seats, brought together."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attribution.domain.capacity import StateMinutes
from attribution.domain.ledger import Work
from attribution.domain.seat import Seat

T = TypeVar("T", bound=np.generic)


def one_after_another(parts: Sequence[StateMinutes]) -> StateMinutes:
    """Minutes of hours that follow each other, over all the seats that any of them knows."""
    seats = tuple(sorted({seat for part in parts for seat in part.seats}))
    wide = [_over(part, seats) for part in parts]
    return StateMinutes(
        seats,
        np.concatenate([part.minutes for part in wide]),
        np.concatenate([part.busy for part in wide]),
        np.concatenate([part.serving_busy for part in wide]),
        np.concatenate([part.sampled for part in wide]),
    )


def _over(part: StateMinutes, seats: tuple[Seat, ...]) -> StateMinutes:
    if part.seats == seats:
        return part
    places = [seats.index(seat) for seat in part.seats]

    def spread(array: NDArray[T]) -> NDArray[T]:
        wide = np.zeros((*array.shape[:2], len(seats), *array.shape[3:]), array.dtype)
        wide[:, :, places] = array
        return wide

    return StateMinutes(
        seats, spread(part.minutes), spread(part.busy), spread(part.serving_busy), spread(part.sampled)
    )


def with_work_together(state: StateMinutes, work: Mapping[tuple[int, int], Work]) -> StateMinutes:
    """The same minutes, with all seats of a service in its first one in hours in which it has work.

    Where a service's work says who had it done, it does not matter in whose namespace its pods are.
    `work` is by (hour index, service id).
    """
    if not any(seat.tenant_id for seat in state.seats):
        return state
    first = {seat.service_id: place for place, seat in reversed(list(enumerate(state.seats)))}
    together = StateMinutes(
        state.seats, state.minutes.copy(), state.busy.copy(), state.serving_busy.copy(), state.sampled.copy()
    )
    for place, seat in enumerate(state.seats):
        target = first[seat.service_id]
        hours = [hour for hour in range(len(state.minutes)) if (hour, seat.service_id) in work]
        if place != target and hours:
            for array in (together.minutes, together.busy, together.serving_busy, together.sampled):
                array[hours, :, target] += array[hours, :, place]
                array[hours, :, place] = 0
    return together
