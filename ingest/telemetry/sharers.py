"""Who shares the devices of a node by time, where its exporter names one pod for each, or none.

A node that offers more devices than it has offers replicas of each. dcgm-exporter without
`--kubernetes-virtual-gpus` names the last pod of those that share a device. What pods asked for says who they
all are; the named one is on its device, and the others are dealt to the devices with the fewest, by name.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.holding import Holding
from ingest.telemetry.names import Container
from ingest.telemetry.requests import Asked
from ingest.telemetry.units import Unit

Float32 = NDArray[np.float32]


def share_by_request(
    held: Holding,
    rows: Mapping[Unit, int],
    asked: Asked,
    places: Mapping[Container, int],
    offered: Mapping[str, float],
    *,
    named: bool,
) -> None:
    """Put all containers that asked for a replica on a device; `named`: the exporter names one of each."""
    devices: dict[str, list[int]] = defaultdict(list)
    for unit in sorted(rows):
        if not unit.slice:
            devices[unit.device.node].append(rows[unit])
    for node, members in devices.items():
        wanted = {places[c]: count for (at, c, profile), count in asked.items() if at == node and not profile}
        if wanted and offered.get(node, 0) > len(members):
            _share_node(held, members, wanted, named=named)


def _share_node(held: Holding, members: list[int], wanted: Mapping[int, Float32], *, named: bool) -> None:
    codes = sorted(wanted)
    table = np.concatenate((np.array([wanted[code] for code in codes]), held.who[members]))
    # Pods come and go some times a day: minutes are alike in long runs.
    new = np.concatenate(([True], (table[:, 1:] != table[:, :-1]).any(axis=0)))
    starts = np.flatnonzero(new)
    for start, end in zip(starts, np.append(starts[1:], table.shape[1]), strict=True):
        counts = {code: int(wanted[code][start]) for code in codes if wanted[code][start] > 0}
        seen = {row: _members(held, int(held.who[row, start])) if named else () for row in members}
        for row, sharers in _placed(members, counts, seen).items():
            if not sharers:
                continue
            held.who[row, start:end] = held.group(tuple(sorted(sharers)))
            for code, replicas in sharers.items():
                asked = held.asked.setdefault((row, code), np.ones(table.shape[1], dtype=np.float32))
                asked[start:end] = replicas


def _members(held: Holding, code: int) -> tuple[int, ...]:
    return held.groups[code] if 0 < code < len(held.groups) else ()


def _placed(
    members: list[int], counts: Mapping[int, int], named: Mapping[int, tuple[int, ...]]
) -> dict[int, Counter[int]]:
    """Replicas by device and container: first where the exporter names it, then where the fewest are."""
    left, found = dict(counts), {row: Counter[int]() for row in members}
    for row in members:
        for code in named[row]:
            found[row][code] += 1
            left[code] = left.get(code, 1) - 1
    for code in sorted(left):
        for _ in range(max(left[code], 0)):
            row = min(members, key=lambda each: (found[each].total(), each))
            found[row][code] += 1
    return found
