"""The minutes of devices in one hour: what each held, and in which state it was, minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from attribution.domain.device_parts import PARTS
from attribution.domain.inputs import MINUTES
from attribution.domain.placement import pool_of
from attribution.domain.sharing import ABSENT as ABSENT_CODE
from attribution.domain.sharing import Pieces, Rows, divide_device_minutes
from attribution.domain.states import State, classify
from attribution.models.pool import Pool, Sharing
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
REST = "rest"
# Devices without work are divided into reserves and idle minute by minute, not device by device.
STATE_WORDS = {state: state.name.lower() for state in LETTERS}
_DEFAULT_FLOOR = 0.05


@dataclass(frozen=True)
class DeviceHour:
    """One strip: a device, or its slice ("3 of 7"), and who held it; a letter for each of 60 minutes.

    `minutes` by state; `workless` is ready and without work, which reserves divide. `share` of the device in
    these minutes is 1 but for slices and sharers; `by_policy`: it is what a policy divided. What no slice has
    is a strip of its own, `slice` "rest".
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
    slice: str = ""
    share: Fraction = Fraction(1)
    by_policy: bool = False


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
    known = {pool.pk: pool for pool in Pool.objects.all()}
    signals = {name: _signal(row[14 + place] for row in rows) for place, name in enumerate(SIGNALS)}
    floors = [[known[pool].busy_floor if pool else _DEFAULT_FLOOR] for pool in pools]
    codes = classify(**signals, busy_floor=np.array(floors, dtype=np.float32))
    alive = np.array([_alive(hour, row) for row in rows])
    codes[(codes == State.NO_DATA) & ~alive] = ABSENT_CODE
    by_request = [
        known[pool].replicas if pool and known[pool].sharing == Sharing.REQUEST else 0 for pool in pools
    ]
    return _strips(rows, pools, divide_device_minutes(_rows(rows, codes, signals, alive, by_request)))


def _rows(
    rows: Sequence[tuple[Any, ...]],
    codes: NDArray[np.int8],
    signals: dict[str, NDArray[np.float32]],
    alive: NDArray[np.bool_],
    replicas: Sequence[int],
) -> Rows:
    keys = [(row[0], *row[11:13]) for row in rows]
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    lives = np.where(alive.any(axis=1), alive.argmax(axis=1), 0), MINUTES - alive[:, ::-1].argmax(axis=1)
    return Rows(
        device=np.array([row[0] for row in rows], dtype=np.int64),
        slice=np.array([number[key] for key in keys], dtype=np.int64),
        size=np.array([PARTS * row[12] // row[13] for row in rows], dtype=np.int64),
        replicas=np.array(replicas, dtype=np.int64),
        asked=signals["held"],
        held=signals["held"],
        busy=signals["busy"],
        life=np.stack((lives[0], np.where(alive.any(axis=1), lives[1], 0)), axis=1).astype(np.int16),
        codes=codes,
    )


def _strips(rows: Sequence[tuple[Any, ...]], pools: Sequence[int], pieces: Pieces) -> list[DeviceHour]:
    """A strip for every row, and for what no row has of its device, where that is anything."""
    letters = np.array([*(LETTERS[State(code)] for code in range(len(LETTERS))), ABSENT])[pieces.codes]
    letters[pieces.parts == 0] = ABSENT
    found = []
    for place, row in enumerate(pieces.row.tolist()):
        rest = bool(pieces.of_nobody[place])
        if not rest or pieces.parts[place].any():
            strip = _device(rows[row], pools[row], letters[place], pieces.parts[place], rest=rest)
            found.append((row, replace(strip, by_policy=bool(pieces.by_policy[place].any()))))
    return [strip for _, strip in sorted(found, key=lambda one: (rows[one[0]][0], one[1].slice == REST))]


def _device(
    row: tuple[Any, ...], pool_id: int, letters: NDArray[np.str_], parts: NDArray[np.int64], *, rest: bool
) -> DeviceHour:
    _, _, device, node, model, *who = row
    namespace, pod, container = ("", "", "") if rest else who[:3]
    told = int((parts > 0).sum())
    return DeviceHour(
        row[0],
        device,
        node,
        model,
        pool_id,
        namespace,
        pod,
        container,
        "".join(letters),
        _counts(letters),
        REST if rest else f"{row[12]} of {row[13]}" if row[11] else "",
        Fraction(int(parts.sum()), told * PARTS) if told else Fraction(1),
    )


def _signal(strips: Any) -> NDArray[np.float32]:
    unknown = [float("nan")] * MINUTES
    return np.array([unknown if strip is None else strip for strip in strips], dtype=np.float32)


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
