"""Readings of devices, nodes and pods become hour strips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.holders import Holding, device_of, holding
from ingest.telemetry.merge import by_key, rows_of
from ingest.telemetry.names import Container, Device
from ingest.telemetry.reading import Reading
from ingest.telemetry.rows import split_by_holder
from ingest.telemetry.span import Span

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class NamedStrips:
    """Strips before names are ids: `device` and `holder` are places in `devices` and `containers`.

    `holder` is 0 for nobody, else 1 + the place. `models` has each device's model name, "" where unknown.
    """

    devices: Sequence[Device]
    models: Sequence[str]
    containers: Sequence[Container]
    hour: NDArray[np.int64]
    device: NDArray[np.int64]
    holder: NDArray[np.int64]
    signals: dict[str, Float32]


def strips_of(
    readings: Sequence[Reading], span: Span, lately: Mapping[Device, str] | None = None
) -> NamedStrips:
    """All strips of a span. `lately`: devices (with model names) that the source showed before it.

    Those have strips too when their node is known to be up or down: a node that is not ready is often a
    silent one, and its devices are unready, not forgotten.
    """
    facts = _by_fact(readings)
    own = facts.get("busy", []) + facts.get("memory", [])
    models = dict(lately or {}) | _models(own) | _offered(facts.get("devices", []), own)
    devices = {device: place for place, device in enumerate(sorted(models))}
    nodes = {(node,): place for place, node in enumerate(sorted({device.node for device in devices}))}
    node_ready = _node_ready(facts.get("node_ready", []), nodes, span.minutes)
    known = _nodes_known(nodes, node_ready, facts, span.minutes)
    held_by = holding(devices, readings, known, span.minutes)
    by_device = _device_signals(facts, devices, span.minutes)
    node_of = np.array([nodes[(device.node,)] for device in devices], dtype=np.int64)
    if node_ready is not None:
        by_device["node_ready"] = node_ready[node_of]
    by_device |= _pod_signals(facts, held_by, span.minutes)
    held = np.select([held_by.who > 0, held_by.who == 0], [np.float32(1), np.float32(0)], np.float32(np.nan))
    by_device["held"] = held.astype(np.float32)
    hour, device, holder, signals = split_by_holder(held_by.who, by_device, span)
    names = list(devices)
    return NamedStrips(names, [models[d] for d in names], held_by.containers, hour, device, holder, signals)


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


def _offered(allocatable: Sequence[Reading], own: Sequence[Reading]) -> dict[Device, str]:
    """Devices that a node offers, numbered, where no exporter shows any device of its own."""
    if own:
        return {}
    offered: dict[Device, str] = {}
    for reading in allocatable:
        for series, row in zip(reading.series, reading.values, strict=True):
            most = 0 if np.isnan(row).all() else int(np.nanmax(row))
            for number in range(most):
                offered[Device(series.get("node", ""), f"device-{number}")] = ""
    return offered


def _node_ready(readings: Sequence[Reading], nodes: Mapping[tuple[str], int], minutes: int) -> Float32 | None:
    """[nodes, minutes]: ready by condition, and no veto (a cordon, a driver that is not ready)."""
    said = by_key([r for r in readings if not r.signal.veto], nodes, ("node",), "min", minutes)
    veto = by_key([r for r in readings if r.signal.veto], nodes, ("node",), "min", minutes)
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
    offered = by_key(facts.get("devices", []), nodes, ("node",), "max", minutes)
    seen = np.zeros((len(nodes), minutes), dtype=bool)
    for rows in (node_ready, offered):
        if rows is not None:
            seen |= ~np.isnan(rows)
    return {node: seen[place] for (node,), place in nodes.items()}


def _device_signals(
    facts: Mapping[str, list[Reading]], devices: Mapping[Device, int], minutes: int
) -> dict[str, Float32]:
    """Busy and memory [devices, minutes]; where the preferred metric has no sample, the next one has."""
    signals: dict[str, Float32] = {}
    for fact in ("busy", "memory"):
        for reading in facts.get(fact, []):
            places = [devices[device_of(series)] for series in reading.series]
            values = np.asarray(reading.values, dtype=np.float32)
            rows = rows_of(places, values, len(devices), reading.signal.aggregate)
            before = signals.get(fact)
            signals[fact] = rows if before is None else np.where(np.isnan(before), rows, before)
    return signals


def _pod_signals(facts: Mapping[str, list[Reading]], held_by: Holding, minutes: int) -> dict[str, Float32]:
    """Readiness and pending requests of each device's holder, [devices, minutes]."""
    pods = sorted({(container.namespace, container.pod) for container in held_by.containers})
    place = {pod: number for number, pod in enumerate(pods)}
    # By `who`: unknown (-1, the last) and nobody (0) have the empty row past all pods.
    row_of = np.array([len(pods), *(place[c.namespace, c.pod] for c in held_by.containers), len(pods)])
    signals: dict[str, Float32] = {}
    for fact, how in (("ready", "max"), ("pending", "sum")):
        rows = by_key(facts.get(fact, []), place, ("namespace", "pod"), how, minutes)
        if rows is not None:
            empty = np.full((1, minutes), np.nan, dtype=np.float32)
            signals[fact] = np.concatenate([rows, empty])[row_of[held_by.who], np.arange(minutes)]
    return signals
