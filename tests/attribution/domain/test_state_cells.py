"""What is counted survives being kept, to the last bit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.capacity import MINUTE_USES, Counted
from attribution.domain.seat import Seat
from attribution.domain.state_cells import CELL, cells_of, counted_of

POOLS = [0, 11, 12]
SEATS = (Seat(0, 0), Seat(0, 7), Seat(21, 0), Seat(22, 0), Seat(22, 0, 1), Seat(22, 7))


def counted(seed: int, hours: int, share: float) -> Counted:
    """Random figures in a share of all cells; a cell without minutes has nothing else either."""
    random = np.random.default_rng(seed)
    shape = (hours, len(POOLS), len(SEATS))
    some = random.random(shape) < share
    minutes = random.integers(0, 600, (*shape, len(MINUTE_USES))) * some[..., None]
    minutes[..., 0] += some
    workless = random.integers(0, 9, (*shape, 60)) * some[..., None]
    busy = random.random(shape) * some
    return Counted(SEATS, minutes, workless, busy, busy / 3, minutes.sum(axis=3))


@given(st.integers(0, 10**6), st.integers(1, 5), st.sampled_from([0.0, 0.2, 1.0]))
def test_cells_written_and_read_are_what_was_counted(seed: int, hours: int, share: float) -> None:
    before = counted(seed, hours, share)
    kept = [np.frombuffer(cells.tobytes(), dtype=CELL) for cells in cells_of(before, POOLS)]
    after = counted_of(kept, POOLS, [0, 21, 22])
    places = [SEATS.index(seat) for seat in after.seats]
    assert set(after.seats) >= {Seat(0, 0), Seat(21, 0), Seat(22, 0)}
    for name in ("minutes", "workless", "busy", "serving_busy", "sampled"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name)[:, :, places])
        left_out = np.delete(getattr(before, name), places, axis=2)
        assert not left_out.any()


def test_hours_that_know_different_seats_stand_one_after_another() -> None:
    both = counted(1, 2, 1.0)
    first, second = cells_of(both, POOLS)
    mixed = counted_of([first[first["tenant_id"] == 0], second], POOLS, [0])
    assert mixed.seats == SEATS
    assert not mixed.minutes[0, :, 1].any()
    np.testing.assert_array_equal(mixed.minutes[1], both.minutes[1])
