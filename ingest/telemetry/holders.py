"""Which containers hold a device or a slice of it, minute by minute."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.claims import Claims
from ingest.telemetry.holding import NOBODY, UNKNOWN, Holding
from ingest.telemetry.names import Container
from ingest.telemetry.reading import Reading
from ingest.telemetry.requests import deal_requests, requested
from ingest.telemetry.sharers import share_by_request
from ingest.telemetry.units import Series, Unit, Units

Int32 = NDArray[np.int32]
Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]
# While rows are merged: somebody before nobody before nothing known, and the first by name of several.
_NOBODY, _NOTHING = 2**30, 2**31 - 1
# A pod that ends and one that begins are both seen while the last sample of the first one stands: that is no
# sharing. By the source's scrape interval, which is at least a minute here.
HANDOVER = 1


def container_of(series: Series) -> Container:
    """The container that a series names; without a pod, all empty."""
    return Container(series.get("namespace", ""), series.get("pod", ""), series.get("container", ""))


def holding(
    rows: Mapping[Unit, int],
    units: Units,
    readings: Sequence[Reading],
    nodes_known: Mapping[str, Bool],
    offered: Mapping[str, float],
    minutes: int,
    handover: int = HANDOVER,
) -> Holding:
    """Who holds each unit: by the devices' own series where those name pods, else by what pods asked for.

    `nodes_known` [minutes] by node: minutes in which the allocation of the node is known, so that a device
    that no pod asked for is nobody's. `offered` whole devices of a node: where they are more than there are,
    each is shared by time; where the exporter names one pod for each (the last), requests tell the others.
    `handover` is for how many minutes a sample stands.
    """
    own = [reading for reading in readings if reading.signal.fact in ("busy", "memory")]
    claims = Claims(readings, minutes)
    asked = requested(readings, minutes)
    named = [
        _Named(reading, place, series, units, claims)
        for reading in own
        for place, series in enumerate(reading.series)
    ]
    found = {container for each in named for container in each.containers}
    containers = sorted(found | {container for _, container, _ in asked})
    places = {container: number for number, container in enumerate(containers, start=1)}
    held = Holding(
        containers, _first_by_name(rows, named, places, minutes), [(), *((n,) for n in places.values())]
    )
    if found:
        _share_named(held, rows, named, places, handover)
    elif any(reading.signal.fact == "held" for reading in readings):
        deal_requests(held, rows, asked, places, nodes_known)
    if not any(each.replica for each in named):
        share_by_request(held, rows, asked, places, offered, named=bool(found))
    who = held.who
    held.who = np.where(who == _NOBODY, NOBODY, np.where(who == _NOTHING, UNKNOWN, who)).astype(np.int32)
    return held


class _Named:
    """A series of a device: its unit, when it has samples, and the containers that it names."""

    def __init__(self, reading: Reading, place: int, series: Series, units: Units, claims: Claims) -> None:
        self.unit, self.replica = units.of(series), series.get("vgpu", "")
        self.sampled: Bool = ~np.isnan(reading.values[place])
        self.containers = [container_of(series)] if "pod" in series else claims.holders(series)


def _first_by_name(
    rows: Mapping[Unit, int], named: Sequence[_Named], places: Mapping[Container, int], minutes: int
) -> Int32:
    """[units, minutes]: the first container by name that series of a unit name."""
    who = np.full((len(rows), minutes), _NOTHING, dtype=np.int32)
    for each in named:
        code = min((places[container] for container in each.containers), default=_NOBODY)
        row = who[rows[each.unit]]
        np.minimum(row, np.where(each.sampled, code, _NOTHING), out=row)
    return who


def _share_named(
    held: Holding,
    rows: Mapping[Unit, int],
    named: Sequence[_Named],
    places: Mapping[Container, int],
    handover: int,
) -> None:
    """Where series of a unit name several containers for longer than a handover, all of them hold it.

    In a handover whoever begins holds it: of the other only its last sample still stands.
    """
    of_unit: dict[int, dict[int, list[_Named]]] = {}
    for each in named:
        for container in each.containers:
            of_unit.setdefault(rows[each.unit], {}).setdefault(places[container], []).append(each)
    for row, members in of_unit.items():
        if len(members) < 2 and not any(each.replica for each in members[min(members)]):
            continue
        there = {code: np.any([each.sampled for each in of], axis=0) for code, of in sorted(members.items())}
        for start, end in _runs(np.sum(list(there.values()), axis=0) > 1):
            begin = [code for code, at in there.items() if at[start] and not (start and at[start - 1])]
            if end - start <= handover:
                held.who[row, start:end] = begin[0] if len(begin) == 1 and start else held.who[row, start:end]
                continue
            for minute in range(start, end):
                held.who[row, minute] = held.group(tuple(code for code, at in there.items() if at[minute]))
        for code, of in members.items():
            replicas = {each.replica for each in of if each.replica}
            if len(replicas) > 1:
                seen = [np.any([e.sampled for e in of if e.replica == name], axis=0) for name in replicas]
                held.asked[row, code] = np.sum(seen, axis=0).astype(np.float32)


def _runs(chosen: Bool) -> list[tuple[int, int]]:
    """Stretches [start, end) of minutes that are chosen."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], chosen, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
