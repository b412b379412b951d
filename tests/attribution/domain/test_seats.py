"""Devices of one tenant's own pods: whose they are, and that telling them apart loses nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.apportion import apportion
from attribution.domain.capacity import (
    MINUTE_USES,
    DeviceHours,
    Reserves,
    StateMinutes,
    count_states,
    with_reserves,
)
from attribution.domain.device_parts import PARTS
from attribution.domain.ledger import Lines, Work
from attribution.domain.seat import Seat
from attribution.domain.seats_together import with_work_together
from tests.attribution.domain.test_apportion import cost_pool, facts, sums, work

SEATS = (Seat(0, 0), Seat(0, 7), Seat(21, 0), Seat(21, 7), Seat(21, 8))
SERVING, IDLE = MINUTE_USES.index("serving"), MINUTE_USES.index("idle")


def of_seats(**minutes: int) -> np.ndarray:
    """Minutes of pool 11: s7_serving=60 is the seat of tenant 7 in service 21, n7 that without a service."""
    found = np.zeros((2, len(SEATS), len(MINUTE_USES)))
    names = ["n0", "n7", "s0", "s7", "s8"]
    for name, value in minutes.items():
        seat, use = name.split("_")
        found[1, names.index(seat), MINUTE_USES.index(use)] = value
    return found


def test_a_dedicated_pod_without_a_service_is_its_namespaces_tenants() -> None:
    minutes = of_seats(n7_serving=60, n7_loading=30, n7_idle=30, n0_serving=60)
    lines = apportion_of(minutes)
    assert sums(lines, "use", "tenant", "basis") == {
        ("serving", 0, "measured"): 200,
        ("serving", 7, "policy"): 200,
        ("loading", 7, "policy"): 100,
        ("idle", 0, "measured"): 100,
    }


def test_pods_of_a_service_without_requests_are_their_namespaces_tenants() -> None:
    lines = apportion_of(of_seats(s7_serving=60, s8_serving=120, s0_serving=60))
    assert sums(lines, "use", "tenant", "service") == {
        ("serving", 7, 21): 150,
        ("serving", 8, 21): 300,
        ("serving", 0, 21): 150,
    }


def test_a_services_work_outranks_the_namespaces_of_its_pods() -> None:
    works = {(0, 21): work([(1, 0, False, 1), (2, 0, True, 2)])}
    lines = apportion_of(of_seats(s7_serving=60, s8_serving=120, s0_serving=60), works)
    assert sums(lines, "use", "tenant", "basis") == {
        ("serving", 1, "modelled"): 200,
        ("serving_failed", 2, "modelled"): 400,
    }
    assert lines.quantity.sum() == 240


def apportion_of(minutes: np.ndarray, works: dict[tuple[int, int], Work] | None = None) -> Lines:
    """Lines of one pool of 600 nano-units."""
    return apportion(facts(minutes, [cost_pool("accelerator", "nodes", 11, 600)], works or {}, seats=SEATS))


@given(
    seats=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    declared=st.lists(st.integers(0, 5), min_size=4, max_size=4),
)
def test_reserves_of_a_service_do_not_depend_on_whose_namespaces_its_pods_are_in(
    seats: list[int], declared: list[int]
) -> None:
    failover, warm, pool_failover, pool_warm = declared
    told_apart = ready_devices(seats, SEATS, failover, warm, pool_failover, pool_warm)
    together = [(0, 1)[SEATS[seat].service_id > 0] for seat in seats]
    as_one = ready_devices(together, (Seat(0, 0), Seat(21, 0)), failover, warm, pool_failover, pool_warm)
    assert told_apart.minutes.sum() == as_one.minutes.sum() == 60 * len(seats) * PARTS
    np.testing.assert_array_equal(told_apart.minutes[0, 0, :2].sum(axis=0), as_one.minutes[0, 0, 0])
    np.testing.assert_array_equal(told_apart.minutes[0, 0, 2:].sum(axis=0), as_one.minutes[0, 0, 1])


def ready_devices(
    seat: list[int], seats: tuple[Seat, ...], failover: int, warm: int, pool_failover: int, pool_warm: int
) -> StateMinutes:
    """An hour of ready, workless devices in one pool; the reserves are service 21's, and the whole pool's."""
    count = len(seat)
    own = np.array([[[seat.service_id > 0 for seat in seats]]], dtype=np.int64)
    one, none = np.ones((count, 60), np.float32), np.full((count, 60), np.nan, np.float32)
    rows = DeviceHours(
        hour=np.zeros(count, np.int32),
        device=np.arange(count, dtype=np.int32),
        pool=np.zeros(count, np.int32),
        seat=np.array(seat, np.int32),
        life=np.array([[0, 60]] * count, np.int16),
        floor=np.full((count, 1), 0.05, np.float32),
        signals={"node_ready": one, "held": one, "ready": one, "busy": one * 0, "pending": none},
    )
    reserves = Reserves(own * failover, own * warm, np.array([[pool_failover]]), np.array([[pool_warm]]))
    return with_reserves(count_states(rows, np.zeros((1, 1), np.int64), seats), reserves)


def test_seats_come_together_only_in_hours_with_work() -> None:
    minutes = np.stack([of_seats(s7_serving=60, s8_serving=30)] * 2).astype(np.int64)
    shape = minutes.shape[:3]
    state = StateMinutes(SEATS, minutes, np.zeros(shape), minutes[..., 0] * 0.5, minutes.sum(axis=3))
    together = with_work_together(state, {(1, 21): work([(1, 0, False, 1)])})
    assert together.minutes[:, 1, :, SERVING].tolist() == [[0, 0, 0, 60, 30], [0, 0, 90, 0, 0]]
    assert together.serving_busy[1, 1].tolist() == [0, 0, 45, 0, 0]
    assert state.minutes[1, 1, 3, SERVING] == 60
