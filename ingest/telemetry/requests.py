"""What containers asked Kubernetes for, dealt to the devices and slices of their node."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attribution.domain.slices import profile_of_resource
from ingest.telemetry.holding import Holding
from ingest.telemetry.merge import into
from ingest.telemetry.names import Container, Pod
from ingest.telemetry.reading import Reading
from ingest.telemetry.units import Unit

Int32 = NDArray[np.int32]
Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]
_NOBODY = 2**30
# Node, container, and the profile of a slice ("": whole devices).
Asked = dict[tuple[str, Container, str], Float32]


def requested(readings: Sequence[Reading], minutes: int) -> Asked:
    """Devices and slices asked for; without those of pods that are known to have finished."""
    active: dict[Pod, Float32] = {}
    for reading in readings:
        if reading.signal.fact == "pod_active":
            for series, row in zip(reading.series, reading.values, strict=True):
                pod = series.get("namespace", ""), series.get("pod", "")
                unknown = np.full(minutes, np.nan, np.float32)
                into(active.setdefault(pod, unknown), row.astype(np.float32), "max")
    asked: Asked = {}
    for reading in readings:
        if reading.signal.fact != "held":
            continue
        for series, row in zip(reading.series, reading.values, strict=True):
            if "node" not in series or "pod" not in series:
                continue
            container = Container(series.get("namespace", ""), series["pod"], series.get("container", ""))
            count = np.nan_to_num(row.astype(np.float32))
            finished = active.get((container.namespace, container.pod))
            if finished is not None:
                count = np.where(finished == 0, np.float32(0), count)
            key = series["node"], container, profile_of_resource(series.get("resource", ""))
            asked[key] = np.fmax(asked[key], count) if key in asked else count
    return asked


def deal_requests(
    held: Holding,
    rows: Mapping[Unit, int],
    asked: Asked,
    places: Mapping[Container, int],
    nodes_known: Mapping[str, Bool],
) -> None:
    """Give a node's units, in order of UUID, to containers that asked for such, in order of name.

    Which device a pod got nobody says here; how many of a node are held, and by whom, comes out right.
    Nodes that share devices by time are put right by `share_by_request`.
    """
    of_node: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in sorted(rows):
        of_node[unit.device.node, unit.profile].append(unit)
    by_node: dict[tuple[str, str], list[Container]] = defaultdict(list)
    for node, container, profile in sorted(asked):
        by_node[node, profile].append(container)
    for (node, profile), members in of_node.items():
        known = nodes_known.get(node)
        containers = by_node.get((node, profile), [])
        if known is None and not containers:
            continue
        counts = [asked[node, container, profile] for container in containers]
        dealt = _dealt(counts, [places[c] for c in containers], len(members), held.who.shape[1])
        if containers:
            told = np.any([count > 0 for count in counts], axis=0)
            known = told if known is None else known | told
        for unit, row in zip(members, dealt, strict=True):
            place = rows[unit]
            held.who[place] = row if known is None else np.where(known, row, held.who[place])


def _dealt(counts: list[Float32], holders: list[int], devices: int, minutes: int) -> Int32:
    """[devices, minutes]: the holder of the first, second, … device of a node; _NOBODY past the last."""
    rows = np.full((devices, minutes), _NOBODY, dtype=np.int32)
    dealt = np.zeros(minutes, dtype=np.float32)
    order = np.arange(devices, dtype=np.float32)[:, None]
    for count, holder in zip(counts, holders, strict=True):
        rows = np.where((order >= dealt) & (order < dealt + count), np.int32(holder), rows)
        dealt = dealt + count
    return rows
