"""Slices and sharers: exactly what a naive reader makes of them, and never more or less than the device."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.domain import capacity
from attribution.domain.capacity import (
    MINUTE_USES,
    Counted,
    DeviceHours,
    Reserves,
    Slicing,
    count_states,
    with_reserves,
)
from attribution.domain.device_parts import PARTS
from attribution.domain.seat import Seat
from attribution.domain.sharing import NOT_THERE
from tests.oracles.naive_slices import naive_slices

SEATS = (Seat(0, 0), Seat(21, 0), Seat(22, 0), Seat(23, 0))
SIGNALS = ("node_ready", "held", "ready", "busy", "pending")
FLOOR = 0.05


def row(slice_: int, slices: int, of: int, holder: int, minutes: list[dict[str, Any] | None]) -> dict:
    return {"slice": slice_, "slices": slices, "of": of, "holder": holder, "minutes": minutes}


def minute(**signals: float | None) -> dict[str, float | None]:
    """A ready, held, idle minute, but for what is said."""
    return {"node_ready": 1.0, "held": 1.0, "ready": 1.0, "busy": 0.0, "pending": None} | signals


def device_hours(devices: list[list[dict]], replicas: int, lives: list[range]) -> DeviceHours:
    """Rows of one hour and pool; the holder is the seat."""
    rows = [one for device in devices for one in device]
    of_device = [number for number, device in enumerate(devices) for _ in device]

    def signal(name: str) -> np.ndarray:
        missing = NOT_THERE if name == "held" else None
        values = [[missing if m is None else m[name] for m in one["minutes"]] for one in rows]
        return np.array(values, dtype=np.float32).reshape(len(rows), 60)

    signals = {name: signal(name) for name in SIGNALS}
    return DeviceHours(
        hour=np.zeros(len(rows), np.int32),
        device=np.array(of_device, dtype=np.int32),
        pool=np.zeros(len(rows), np.int32),
        seat=np.array([one["holder"] for one in rows], np.int32),
        life=np.array([[lives[d].start, lives[d].stop] for d in of_device], np.int16),
        floor=np.full((len(rows), 1), FLOOR, np.float32),
        signals=signals,
        slicing=Slicing(
            slice=np.array([one["slice"] for one in rows], np.int32),
            size=np.array([PARTS * one["slices"] // one["of"] for one in rows], np.int64),
            replicas=np.full(len(rows), replicas, np.int32),
            asked=signals["held"],
        ),
    )


def count(devices: list[list[dict]], replicas: int = 0, lives: list[range] | None = None) -> Counted:
    lives = lives or [range(60)] * len(devices)
    return count_states(device_hours(devices, replicas, lives), np.zeros((1, 1), np.int64), SEATS)


def told(counted: Counted) -> dict[tuple[int, bool, str], Fraction]:
    """Device-minutes by seat number, policy and state; ready minutes without work are workless."""
    found: dict[tuple[int, bool, str], Fraction] = {}
    for place, seat in enumerate(counted.seats):
        key = SEATS.index(seat._replace(by_policy=0)), bool(seat.by_policy)
        for use, parts in zip(MINUTE_USES, counted.minutes[0, 0, place].tolist(), strict=True):
            if parts:
                found[*key, use] = Fraction(parts, PARTS)
        if workless := int(counted.workless[0, 0, place].sum()):
            found[*key, "workless"] = Fraction(workless, PARTS)
    return found


# Layouts of a device: slices that are there, out of how many. The last is a whole device.
_LAYOUTS = [((3, 3), 7), ((1, 2, 4), 7), ((1, 1, 1), 4), ((2,), 2), ((1,), 1)]
_figures = st.fixed_dictionaries(
    {
        "node_ready": st.sampled_from([1.0, 1.0, None, 0.0]),
        "ready": st.sampled_from([1.0, 1.0, 0.0, None]),
        "busy": st.sampled_from([None, 0.0, 0.25, 0.75]),
        "pending": st.sampled_from([None, 0.0, 2.0]),
    }
)


@st.composite
def _slice(draw: st.DrawFn, number: int, slices: int, of: int, there: range) -> list[dict]:
    """Rows of one slice: up to three holders, together or one after the other, in spans of ten minutes."""
    holders = draw(st.lists(st.sampled_from([1, 2, 3]), max_size=3, unique=True))
    rows: dict[int, list[dict | None]] = {
        holder: [None if at not in there else _silent() for at in range(60)] for holder in holders or [0]
    }
    for span in range(6):
        signals = draw(_figures)
        chosen = draw(st.lists(st.sampled_from(sorted(rows)), unique=True, max_size=3))
        for holder in chosen:
            held = 0.0 if holder == 0 else float(draw(st.integers(1, 2)))
            # What a policy divides is one engine: its busy share is the same for all.
            for at in range(span * 10, span * 10 + 10):
                if at in there:
                    rows[holder][at] = minute(**signals, held=held)
    return [row(number, slices, of, holder, minutes) for holder, minutes in sorted(rows.items())]


def _silent() -> dict[str, float | None]:
    return dict.fromkeys(SIGNALS)


@st.composite
def _device(draw: st.DrawFn) -> list[dict]:
    """A device in one layout; or in two, cut anew after some minutes."""
    cut = draw(st.sampled_from([0, 0, 20, 33]))
    rows = []
    for place, there in enumerate([range(cut), range(cut, 60)] if cut else [range(60)]):
        slices, of = draw(st.sampled_from(_LAYOUTS))
        for number, size in enumerate(slices, start=0 if of == 1 else 1 + 10 * place):
            rows += draw(_slice(number if of > 1 else 0, size, of, there))
    # A device that is whole before and after has one row a holder.
    unique = {(one["slice"], one["slices"], one["holder"]): one for one in rows}
    return [unique[key] for key in sorted(unique)]


def _with_samples(device: list[dict], life: range) -> range:
    """A device lives in all minutes that anything is known of."""
    known = [
        at
        for one in device
        for at, m in enumerate(one["minutes"])
        if m and any(v is not None for v in m.values())
    ]
    return range(min([life.start, *known]), max([life.stop, *(at + 1 for at in known)])) if known else life


_lives = st.sampled_from([range(60), range(60), range(10, 60), range(40), range(0)])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(_device(), _lives), min_size=1, max_size=3), st.sampled_from([0, 0, 2, 6]))
def test_slices_are_counted_as_a_naive_reader_counts_them(
    devices: list[tuple[list[dict], range]], replicas: int
) -> None:
    naive: dict[tuple[int, bool, str], Fraction] = {}
    busy = Fraction(0)
    lives = [_with_samples(device, life) for device, life in devices]
    for (device, _), life in zip(devices, lives, strict=True):
        minutes, of_device = naive_slices(device, FLOOR, replicas, life)
        busy += of_device
        for key, value in minutes.items():
            naive[key] = naive.get(key, Fraction(0)) + value
    counted = count([device for device, _ in devices], replicas, lives)
    assert told(counted) == naive
    assert counted.busy.sum() == pytest.approx(float(busy))


@settings(deadline=None)
@given(st.lists(_device(), min_size=1, max_size=4), st.integers(0, 6), st.integers(0, 3), st.integers(0, 3))
def test_a_devices_minutes_sum_to_the_device_whatever_divides_it(
    devices: list[list[dict]], replicas: int, failover: int, warm: int
) -> None:
    counted = count(devices, replicas)
    shape = counted.minutes.shape[:3]
    own = np.zeros(shape, np.int64)
    state = with_reserves(counted, Reserves(own, own, np.full(shape[:2], failover), np.full(shape[:2], warm)))
    assert int(state.minutes.sum()) == len(devices) * 60 * PARTS
    assert state.minutes.min() >= 0
    assert (state.sampled <= state.minutes.sum(axis=3)).all()


@st.composite
def _whole_slices(draw: st.DrawFn) -> list[dict]:
    """A device that is all slices, each with one holder for the hour: usual, and counted by the row."""
    rows = []
    for number, slices in enumerate(draw(st.sampled_from([(3, 4), (1, 2, 4), (7,)])), start=1):
        spans = [minute(**draw(_figures)) for _ in range(6)]
        rows.append(row(number, slices, 7, draw(st.integers(1, 3)), [spans[at // 10] for at in range(60)]))
    return rows


@settings(deadline=None)
@given(st.lists(_whole_slices() | _device(), min_size=1, max_size=4))
def test_whole_slices_are_counted_by_the_row_as_they_are_by_the_minute(devices: list[list[dict]]) -> None:
    by_row = count(devices)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(capacity, "_in_whole_slices", lambda rows, codes, slicing: np.zeros(len(codes), bool))
        by_minute = count(devices)
    assert by_row.seats == by_minute.seats
    for name in ("minutes", "workless", "sampled"):
        assert np.array_equal(getattr(by_row, name), getattr(by_minute, name))
    for name in ("busy", "serving_busy"):
        assert getattr(by_row, name) == pytest.approx(getattr(by_minute, name), rel=1e-13)


def test_what_no_slice_holds_is_unallocated() -> None:
    busy = [minute(busy=0.5)] * 60
    counted = count([[row(1, 3, 7, 1, busy), row(2, 1, 7, 2, busy)]])
    assert told(counted) == {
        (1, False, "serving"): Fraction(180, 7),
        (2, False, "serving"): Fraction(60, 7),
        (0, False, "unallocated"): Fraction(180, 7),
    }
    assert counted.busy.sum() == pytest.approx(60 * 4 / 7 / 2)


def test_sharers_of_one_device_bear_it_once_and_by_policy() -> None:
    busy = [minute(busy=0.5)] * 60
    assert told(count([[row(0, 1, 1, 1, busy), row(0, 1, 1, 2, busy)]])) == {
        (1, True, "serving"): 30,
        (2, True, "serving"): 30,
    }


def test_by_request_a_sharer_bears_its_replicas_and_nobody_those_that_are_free() -> None:
    one, two = [minute(busy=0.5)] * 60, [minute(busy=0.5, held=2.0)] * 60
    assert told(count([[row(0, 1, 1, 1, one), row(0, 1, 1, 2, two)]], replicas=4)) == {
        (1, True, "serving"): 15,
        (2, True, "serving"): 30,
        (0, True, "unallocated"): 15,
    }


def test_more_replicas_than_offered_still_share_one_device() -> None:
    many = [minute(busy=0.5, held=3.0)] * 60
    assert told(count([[row(0, 1, 1, 1, many), row(0, 1, 1, 2, many)]], replicas=4)) == {
        (1, True, "serving"): 30,
        (2, True, "serving"): 30,
    }


def test_a_reserve_is_filled_by_parts_of_devices() -> None:
    """Four of seven slices of three devices are ready and without work: 12/7 devices; one is the reserve."""
    counted = count([[row(1, 4, 7, 1, [minute()] * 60)] for _ in range(3)])
    one = np.zeros(counted.minutes.shape[:3], np.int64)
    one[0, 0, 1] = 1
    none = np.zeros(one.shape[:2], np.int64)
    state = with_reserves(counted, Reserves(one * 0, one, none, none))
    by_use = dict(zip(MINUTE_USES, (state.minutes[0, 0, 1]).tolist(), strict=True))
    assert by_use["warm_reserve"] == 60 * PARTS
    assert by_use["idle"] == 60 * PARTS * 5 // 7


def test_slices_that_are_more_than_their_device_are_refused() -> None:
    with pytest.raises(ValueError, match="more than the device"):
        count([[row(1, 4, 7, 1, [minute()] * 60), row(2, 4, 7, 2, [minute()] * 60)]])
