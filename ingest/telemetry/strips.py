"""Readings of devices, nodes and pods become hour strips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.domain.sharing import NOT_THERE
from ingest.telemetry.holders import HANDOVER, holding
from ingest.telemetry.holding import UNKNOWN, Holding
from ingest.telemetry.merge import by_key, rows_of
from ingest.telemetry.names import Container, Device
from ingest.telemetry.offered import offered_devices, offered_units
from ingest.telemetry.presence import units_there
from ingest.telemetry.reading import Reading
from ingest.telemetry.rows import split_by_holder
from ingest.telemetry.span import HOUR, Span
from ingest.telemetry.told import Told, told_by_holder
from ingest.telemetry.units import Unit, Units, device_of

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class NamedStrips:
    """Strips before names are ids: `device` and `holder` are places in `devices` and `containers`.

    `holder` is 0 for nobody, else 1 + the place. `models` has each device's model name, "" where unknown.
    `slice` 0 is a whole device, else it is `slices` of the device's `of_slices`.
    """

    devices: Sequence[Device]
    models: Sequence[str]
    containers: Sequence[Container]
    hour: NDArray[np.int64]
    device: NDArray[np.int64]
    holder: NDArray[np.int64]
    signals: dict[str, Float32]
    slice: NDArray[np.int32]
    slices: NDArray[np.int32]
    of_slices: NDArray[np.int32]


def strips_of(
    readings: Sequence[Reading],
    span: Span,
    lately: Mapping[Device, str] | None = None,
    *,
    handover: int = HANDOVER,
) -> NamedStrips:
    """All strips of a span. `lately`: devices (with model names) that the source showed before it.

    Those have strips too when their node is known to be up or down: a node that is not ready is often a
    silent one, and its devices are unready, not forgotten. A sample stands for `handover` minutes.
    """
    facts = _by_fact(readings)
    own = facts.get("busy", []) + facts.get("memory", [])
    offered = set[Unit]() if own else offered_units(facts.get("devices", []))
    models = dict(lately or {}) | {unit.device: "" for unit in offered} | _models(own)
    named = Units(own, models)
    shown = {named.of(series) for reading in own for series in reading.series}
    whole = {Unit(device) for device in models} - {Unit(unit.device) for unit in shown | offered}
    units = {unit: place for place, unit in enumerate(sorted(shown | offered | whole))}
    nodes = {(node,): place for place, node in enumerate(sorted({unit.device.node for unit in units}))}
    node_ready = _node_ready(facts.get("node_ready", []), nodes)
    known = _nodes_known(nodes, node_ready, facts, span.minutes)
    devices = offered_devices(facts.get("devices", []))
    held_by = holding(units, named, readings, known, devices, span.minutes, handover)
    by_unit = _device_signals(facts, named, units)
    node_of = np.array([nodes[(unit.device.node,)] for unit in units], dtype=np.int64)
    if node_ready is not None:
        by_unit["node_ready"] = node_ready[node_of]
    return _named_strips(facts, span, models, units, held_by, by_unit)


def _named_strips(
    facts: Mapping[str, list[Reading]],
    span: Span,
    models: Mapping[Device, str],
    units: Mapping[Unit, int],
    held_by: Holding,
    by_unit: dict[str, Float32],
) -> NamedStrips:
    there = units_there(list(units), _sampled(by_unit, held_by))
    held_by.who[~there] = UNKNOWN
    by_unit = {name: np.where(there, values, np.float32(np.nan)) for name, values in by_unit.items()}
    held = np.select([held_by.who > 0, held_by.who == 0], [np.float32(1), np.float32(0)], np.float32(np.nan))
    by_unit["held"] = held.astype(np.float32)
    told = told_by_holder(held_by, split_by_holder(held_by.who, by_unit, span), span)
    told.signals.update(_pod_signals(facts, held_by, told, span))
    if not there.all():
        told.signals["held"][~told.minutes_of(there, span)] = NOT_THERE
    devices = sorted({unit.device for unit in units})
    place = {device: number for number, device in enumerate(devices)}
    device = np.array([place[unit.device] for unit in units], dtype=np.int64)
    slices = np.array([unit[1:4] for unit in units], dtype=np.int32).reshape(-1, 3)[told.unit]
    return NamedStrips(
        devices,
        [models[device] for device in devices],
        held_by.containers,
        told.hour,
        device[told.unit],
        told.holder,
        told.signals,
        *slices.T,
    )


def _sampled(by_unit: Mapping[str, Float32], held_by: Holding) -> NDArray[np.bool_]:
    seen = held_by.who >= 0
    for name in ("busy", "memory"):
        if name in by_unit:
            seen = seen | ~np.isnan(by_unit[name])
    return seen


def _by_fact(readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    facts: dict[str, list[Reading]] = {}
    for reading in sorted(readings, key=lambda reading: reading.signal.preference):
        facts.setdefault(reading.signal.fact, []).append(reading)
    return facts


def _models(own: Sequence[Reading]) -> dict[Device, str]:
    models: dict[Device, str] = {}
    for reading in own:
        for series in reading.series:
            device = device_of(series)
            models[device] = max(models.get(device, ""), series.get("device_model", ""))
    return models


def _node_ready(readings: Sequence[Reading], nodes: Mapping[tuple[str], int]) -> Float32 | None:
    """[nodes, minutes]: ready by condition, and no veto (a cordon, a driver that is not ready)."""
    said = by_key([r for r in readings if not r.signal.veto], nodes, ("node",), "min")
    veto = by_key([r for r in readings if r.signal.veto], nodes, ("node",), "min")
    if veto is None:
        return said
    base = np.full_like(veto, np.nan) if said is None else said
    return np.where(veto == 0, np.float32(0), base)


def _nodes_known(
    nodes: Mapping[tuple[str], int],
    node_ready: Float32 | None,
    facts: Mapping[str, list[Reading]],
    minutes: int,
) -> dict[str, NDArray[np.bool_]]:
    """Minutes in which Kubernetes' own state of a node was seen."""
    offered = by_key(facts.get("devices", []), nodes, ("node",), "max")
    seen = np.zeros((len(nodes), minutes), dtype=bool)
    for rows in (node_ready, offered):
        if rows is not None:
            seen |= ~np.isnan(rows)
    return {node: seen[place] for (node,), place in nodes.items()}


def _device_signals(
    facts: Mapping[str, list[Reading]], named: Units, units: Mapping[Unit, int]
) -> dict[str, Float32]:
    """Busy and memory [units, minutes]; where the preferred metric has no sample, the next one has."""
    signals: dict[str, Float32] = {}
    for fact in ("busy", "memory"):
        for reading in facts.get(fact, []):
            places = [units[named.of(series)] for series in reading.series]
            values = np.asarray(reading.values, dtype=np.float32)
            rows = rows_of(places, values, len(units), reading.signal.aggregate)
            before = signals.get(fact)
            signals[fact] = rows if before is None else np.where(np.isnan(before), rows, before)
    return signals


def _pod_signals(
    facts: Mapping[str, list[Reading]], held_by: Holding, told: Told, span: Span
) -> dict[str, Float32]:
    """Readiness and pending requests of each row's holder, in the minutes in which it holds."""
    pods = sorted({(container.namespace, container.pod) for container in held_by.containers})
    place = {pod: number for number, pod in enumerate(pods)}
    pod = np.array([0, *(place[c.namespace, c.pod] for c in held_by.containers)])[told.holder]
    holds, hour = told.signals["held"] > 0, (told.hour - span.start) // HOUR
    signals: dict[str, Float32] = {}
    for fact, how in (("ready", "max"), ("pending", "sum")):
        rows = by_key(facts.get(fact, []), place, ("namespace", "pod"), how)
        if rows is not None:
            of_hour = rows.reshape(len(pods), span.hours, 60)[pod, hour]
            signals[fact] = np.where(holds, of_hour, np.float32(np.nan))
    return signals
