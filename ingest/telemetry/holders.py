"""Which container holds a device, minute by minute."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.merge import into
from ingest.telemetry.names import Container, Device, Pod
from ingest.telemetry.reading import Reading

Int32 = NDArray[np.int32]
Float32 = NDArray[np.float32]
UNKNOWN, NOBODY = -1, 0
# While rows are merged: somebody before nobody before nothing known, and the first by name of several.
_NOBODY, _NOTHING = 2**30, 2**31 - 1


@dataclass(frozen=True)
class Holding:
    """`who` [devices, minutes]: UNKNOWN, NOBODY or 1 + a place in `containers` (sorted by name)."""

    containers: Sequence[Container]
    who: Int32


def container_of(series: "object") -> Container:
    """The container that a series names; without a pod, all empty."""
    get = series.get  # type: ignore[attr-defined]
    return Container(get("namespace", ""), get("pod", ""), get("container", ""))


def holding(
    devices: dict[Device, int],
    readings: Sequence[Reading],
    nodes_known: dict[str, NDArray[np.bool_]],
    minutes: int,
) -> Holding:
    """Who holds each device: by the devices' own series where those name pods, else by what pods asked for.

    `nodes_known` [minutes] by node: minutes in which the allocation of the node is known, so that a device
    that no pod asked for is nobody's.
    """
    own = [reading for reading in readings if reading.signal.fact in ("busy", "memory")]
    held = [reading for reading in readings if reading.signal.fact == "held"]
    named = any("pod" in series for reading in own for series in reading.series)
    asked = _active(held, readings, minutes)
    found = {container_of(series) for reading in own for series in reading.series if "pod" in series}
    containers = sorted(found | {container for _, container in asked})
    place = {container: number for number, container in enumerate(containers, start=1)}
    who = _by_device(devices, own, place, minutes)
    if not named and held:
        _by_request(who, devices, asked, place, nodes_known)
    who = np.where(who == _NOBODY, NOBODY, np.where(who == _NOTHING, UNKNOWN, who)).astype(np.int32)
    return Holding(containers, who)


def _by_device(
    devices: dict[Device, int], own: Sequence[Reading], place: dict[Container, int], minutes: int
) -> Int32:
    """[devices, minutes] from the pods that the devices' own series name."""
    who = np.full((len(devices), minutes), _NOTHING, dtype=np.int32)
    for reading in own:
        rows = np.array([devices[device_of(series)] for series in reading.series], dtype=np.int64)
        holder = [place[container_of(s)] if "pod" in s else _NOBODY for s in reading.series]
        told = np.where(np.isnan(reading.values), _NOTHING, np.array(holder, dtype=np.int32)[:, None])
        if len(np.unique(rows)) == len(rows):
            who[rows] = np.minimum(who[rows], told)
        else:
            np.minimum.at(who, rows, told.astype(np.int32))
    return who


def device_of(series: "object") -> Device:
    """The device that a series names."""
    get = series.get  # type: ignore[attr-defined]
    return Device(get("node", ""), get("uuid", ""))


Asked = dict[tuple[str, Container], Float32]


def _active(held: Sequence[Reading], readings: Sequence[Reading], minutes: int) -> Asked:
    """Devices asked for, by node and container; without those of pods that are known to have finished."""
    active: dict[Pod, Float32] = {}
    for reading in readings:
        if reading.signal.fact == "pod_active":
            for series, row in zip(reading.series, reading.values, strict=True):
                pod = series.get("namespace", ""), series.get("pod", "")
                into(
                    active.setdefault(pod, np.full(minutes, np.nan, np.float32)),
                    row.astype(np.float32),
                    "max",
                )
    asked: Asked = {}
    for reading in held:
        for series, row in zip(reading.series, reading.values, strict=True):
            if "node" not in series or "pod" not in series:
                continue
            container = container_of(series)
            count = np.nan_to_num(row.astype(np.float32))
            finished = active.get((container.namespace, container.pod))
            if finished is not None:
                count = np.where(finished == 0, np.float32(0), count)
            key = series["node"], container
            asked[key] = np.fmax(asked[key], count) if key in asked else count
    return asked


def _by_request(
    who: Int32,
    devices: dict[Device, int],
    asked: Asked,
    place: dict[Container, int],
    nodes_known: dict[str, NDArray[np.bool_]],
) -> None:
    """Give a node's devices, in order of UUID, to its containers, in order of name.

    Which device a pod got nobody says here; how many of a node are held, and by whom, comes out right.
    """
    of_node: dict[str, list[Device]] = defaultdict(list)
    for device in sorted(devices):
        of_node[device.node].append(device)
    by_node: dict[str, list[Container]] = defaultdict(list)
    for node, container in sorted(asked):
        by_node[node].append(container)
    for node, members in of_node.items():
        known = nodes_known.get(node)
        containers = by_node.get(node, [])
        if known is None and not containers:
            continue
        rows = _dealt([asked[node, c] for c in containers], [place[c] for c in containers], len(members), who)
        if containers:
            told = np.any([asked[node, c] > 0 for c in containers], axis=0)
            known = told if known is None else known | told
        for device, row in zip(members, rows, strict=True):
            place_of = devices[device]
            who[place_of] = row if known is None else np.where(known, row, who[place_of])


def _dealt(counts: list[Float32], holders: list[int], devices: int, who: Int32) -> Int32:
    """[devices, minutes]: the holder of the first, second, … device of a node; _NOBODY past the last."""
    rows = np.full((devices, who.shape[1]), _NOBODY, dtype=np.int32)
    dealt = np.zeros(who.shape[1], dtype=np.float32)
    order = np.arange(devices, dtype=np.float32)[:, None]
    for count, holder in zip(counts, holders, strict=True):
        rows = np.where((order >= dealt) & (order < dealt + count), np.int32(holder), rows)
        dealt = dealt + count
    return rows
