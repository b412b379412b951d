"""Strips minute by minute in plain Python, as domain.md and the contract of the facts tell it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.telemetry.reading import Reading

Key = tuple[int, tuple[str, str], tuple[str, str, str] | None]
NAN = float("nan")


def naive_strips(readings: Sequence[Reading], start: int, hours: int) -> dict[Key, dict[str, list[float]]]:
    """Signals by (hour, device, holder or None), 60 figures each; only of rows with any figure."""
    own = [r for r in readings if r.signal.fact in ("busy", "memory")]
    devices = sorted({_device(s) for r in own for s in r.series})
    rows: dict[Key, dict[str, list[float]]] = {}
    for device in devices:
        for hour in range(hours):
            minutes = [_minute(readings, device, hour * 60 + minute) for minute in range(60)]
            _add(rows, start + hour * 3600, device, minutes)
    return rows


def _add(
    rows: dict[Key, dict[str, list[float]]], hour: int, device: Any, minutes: list[dict[str, Any]]
) -> None:
    owners = [minute["who"] for minute in minutes]
    known = [owner for owner in owners if owner != "?"]
    last = known[0] if known else None
    for minute in minutes:
        last = last if minute["who"] == "?" else minute["who"]
        minute["owners"] = last or (None,)
    for owner in {one for minute in minutes for one in minute["owners"]}:
        of_pod = {name: [minute[name].get(owner, NAN) for minute in minutes] for name in ("ready", "pending")}
        signals = {
            name: [minute[name] for minute in minutes] for name in ("node_ready", "held", "busy", "memory")
        }
        signals = {
            name: [
                value if owner in minute["owners"] else NAN
                for value, minute in zip(values, minutes, strict=True)
            ]
            for name, values in (signals | of_pod).items()
        }
        if any(not math.isnan(value) for values in signals.values() for value in values):
            rows[hour, device, owner] = signals


def _minute(readings: Sequence[Reading], device: tuple[str, str], minute: int) -> dict[str, Any]:
    """`who` holds the device: all pods that its series name (figures here last longer than a handover)."""
    pods, sampled = set(), False
    for reading in readings:
        if reading.signal.fact in ("busy", "memory"):
            for series, values in zip(reading.series, reading.values, strict=True):
                if _device(series) == device and not math.isnan(values[minute]):
                    sampled = True
                    if "pod" in series:
                        pods.add((series.get("namespace", ""), series["pod"], series.get("container", "")))
    who: Any = tuple(sorted(pods)) if pods else () if sampled else "?"
    return {
        "who": who,
        "held": NAN if who == "?" else 1.0 if pods else 0.0,
        "busy": _first(readings, "busy", device, minute),
        "memory": _first(readings, "memory", device, minute),
        "node_ready": _node_ready(readings, device[0], minute),
        "ready": {pod: _of_pod(readings, "ready", pod[:2], minute, max) for pod in pods},
        "pending": {pod: _of_pod(readings, "pending", pod[:2], minute, sum) for pod in pods},
    }


def _first(readings: Sequence[Reading], fact: str, device: tuple[str, str], minute: int) -> float:
    for reading in sorted(readings, key=lambda r: r.signal.preference):
        if reading.signal.fact == fact:
            found = _values(reading, minute, lambda s: _device(s) == device)
            if found:
                return max(found)
    return NAN


def _node_ready(readings: Sequence[Reading], node: str, minute: int) -> float:
    said, vetoed = [], False
    for reading in readings:
        if reading.signal.fact == "node_ready":
            found = _values(reading, minute, lambda s: s.get("node") == node)
            if found and reading.signal.veto:
                vetoed = vetoed or max(found) == 0
            elif found:
                said.append(max(found))
    return 0.0 if vetoed else min(said) if said else NAN


def _of_pod(readings: Sequence[Reading], fact: str, pod: Any, minute: int, how: Any) -> float:
    found = [
        value
        for reading in readings
        if pod and reading.signal.fact == fact
        for value in _values(reading, minute, lambda s: (s.get("namespace", ""), s.get("pod", "")) == pod)
    ]
    return float(how(found)) if found else NAN


def _values(reading: Reading, minute: int, fits: Any) -> list[float]:
    rows = zip(reading.series, reading.values, strict=True)
    return [float(v[minute]) for s, v in rows if fits(s) and not math.isnan(v[minute])]


def _device(series: Mapping[str, str]) -> tuple[str, str]:
    return series.get("node", ""), series.get("uuid", "")
