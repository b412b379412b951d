"""Minutes of different seats, brought together."""

from collections.abc import Mapping

from attribution.domain.capacity import StateMinutes
from attribution.domain.ledger import Work


def with_work_together(state: StateMinutes, work: Mapping[tuple[int, int], Work]) -> StateMinutes:
    """The same minutes, with all seats of a service in its first one in hours in which it has work.

    Where a service's work says who had it done, it does not matter in whose namespace its pods are.
    `work` is by (hour index, service id).
    """
    if not any(seat.tenant_id for seat in state.seats):
        return state
    # What a policy divided stays apart: its basis is another.
    first = {
        (seat.service_id, seat.by_policy): place for place, seat in reversed(list(enumerate(state.seats)))
    }
    together = StateMinutes(
        state.seats, state.minutes.copy(), state.busy.copy(), state.serving_busy.copy(), state.sampled.copy()
    )
    for place, seat in enumerate(state.seats):
        target = first[seat.service_id, seat.by_policy]
        hours = [hour for hour in range(len(state.minutes)) if (hour, seat.service_id) in work]
        if place != target and hours:
            for array in (together.minutes, together.busy, together.serving_busy, together.sampled):
                array[hours, :, target] += array[hours, :, place]
                array[hours, :, place] = 0
    return together
