"""The minutes of devices in one hour: what each held, and in which state it was, minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.domain.inputs import MINUTES
from attribution.domain.placement import pool_of
from attribution.domain.states import State, classify
from attribution.models.pool import Pool
from attribution.queries.rules import pool_rules
from attribution.sql import statement

SIGNALS = ("node_ready", "held", "ready", "busy", "pending")
# A letter a minute; a blank is another holder's minute, or outside of the device's life.
LETTERS = {
    State.SERVING: "S",
    State.STALLED: "W",
    State.LOADING: "L",
    State.WORKLESS: "I",
    State.UNALLOCATED: "U",
    State.UNREADY: "R",
    State.NO_DATA: "?",
}
ABSENT = " "
# Devices without work are divided into reserves and idle minute by minute, not device by device.
STATE_WORDS = {state: state.name.lower() for state in LETTERS}
_DEFAULT_FLOOR = 0.05


@dataclass(frozen=True)
class DeviceHour:
    """One strip: a device and who held it. `states` has a letter for each of 60 minutes.

    `minutes` by state; `workless` is ready and without work, which reserves divide.
    """

    device_id: int
    device: str
    node: str
    model: str
    pool_id: int
    namespace: str
    pod: str
    container: str
    states: str
    minutes: dict[str, int]


def device_hours(
    cluster_id: int, hour: datetime, *, after: int = 0, limit: int = 100
) -> tuple[tuple[DeviceHour, ...], int | None]:
    """Strips of at most `limit` devices behind the device id `after`; and the last id, None at the end."""
    parameters: dict[str, Any] = {"cluster": cluster_id, "hour": hour, "after": after, "limit": limit + 1}
    with connection.cursor() as cursor:
        cursor.execute(statement("explain_strips"), parameters)
        rows = cursor.fetchall()
    devices = sorted({row[0] for row in rows})
    kept = [row for row in rows if row[0] in set(devices[:limit])]
    return tuple(_hours(cluster_id, hour, kept)), devices[limit - 1] if len(devices) > limit else None


def _hours(cluster_id: int, hour: datetime, rows: Sequence[tuple[Any, ...]]) -> list[DeviceHour]:
    if not rows:
        return []
    rules = pool_rules()
    pools = [pool_of(rules, cluster_id, row[3], row[4]) for row in rows]
    floors = dict(Pool.objects.values_list("pk", "busy_floor"))
    signals = {name: _signal(row[11 + place] for row in rows) for place, name in enumerate(SIGNALS)}
    floor = np.array([[floors.get(pool, _DEFAULT_FLOOR)] for pool in pools], dtype=np.float32)
    codes = classify(**signals, busy_floor=floor)
    letters = np.array([LETTERS[State(code)] for code in range(len(LETTERS))])[codes]
    _leave_out(letters, hour, rows)
    return [_device(row, pool, own) for row, pool, own in zip(rows, pools, letters, strict=True)]


def _device(row: tuple[Any, ...], pool_id: int, letters: NDArray[np.str_]) -> DeviceHour:
    _, _, device, node, model, namespace, pod, container, *_ = row
    states = "".join(letters)
    return DeviceHour(
        row[0], device, node, model, pool_id, namespace, pod, container, states, _counts(letters)
    )


def _signal(strips: Any) -> NDArray[np.float32]:
    unknown = [float("nan")] * MINUTES
    return np.array([unknown if strip is None else strip for strip in strips], dtype=np.float32)


def _leave_out(letters: NDArray[np.str_], hour: datetime, rows: Sequence[tuple[Any, ...]]) -> None:
    """Blank the silent minutes that another strip of the device tells, or that lie outside of its life."""
    silent = letters == LETTERS[State.NO_DATA]
    ids = np.array([row[0] for row in rows])
    for place, row in enumerate(rows):
        others = (ids == row[0]) & (np.arange(len(rows)) != place)
        # Of several that say nothing the first stands for the device.
        told = (~silent[others]).any(axis=0) | (ids[:place] == row[0]).any()
        letters[place][silent[place] & (told | ~_alive(hour, row))] = ABSENT


def _alive(hour: datetime, row: tuple[Any, ...]) -> NDArray[np.bool_]:
    first, last, declared = row[8:11]
    if declared:
        return np.ones(MINUTES, dtype=bool)
    if first is None or last is None:
        return np.zeros(MINUTES, dtype=bool)
    minutes = [hour + timedelta(minutes=minute) for minute in range(MINUTES)]
    return np.array([first <= minute <= last for minute in minutes])


def _counts(letters: NDArray[np.str_]) -> dict[str, int]:
    counts = {STATE_WORDS[state]: int((letters == letter).sum()) for state, letter in LETTERS.items()}
    return {state: minutes for state, minutes in counts.items() if minutes}
