"""What Kubernetes says a node has to offer: devices, and slices by their profile."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from attribution.domain.slices import profile_of_resource, slice_size
from ingest.telemetry.names import Device
from ingest.telemetry.reading import Reading
from ingest.telemetry.units import Unit


def offered_devices(allocatable: Sequence[Reading]) -> dict[str, float]:
    """Whole devices by node; more than the node has where each is offered several times."""
    devices: dict[str, float] = defaultdict(float)
    for node, profile, most in _most(allocatable):
        devices[node] += 0 if profile else most
    return devices


def offered_units(allocatable: Sequence[Reading]) -> set[Unit]:
    """Devices and slices, numbered: where no exporter shows any, this is all that is known of them."""
    units: set[Unit] = set()
    slices: dict[str, list[str]] = defaultdict(list)
    for node, profile, most in _most(allocatable):
        if profile:
            slices[node] += [profile] * most
        else:
            units |= {Unit(Device(node, f"device-{number}")) for number in range(most)}
    for node, profiles in slices.items():
        units |= set(_packed(node, profiles))
    return units


def _most(allocatable: Sequence[Reading]) -> Iterator[tuple[str, str, int]]:
    """Node, profile and the highest number that was offered."""
    for reading in allocatable:
        for series, row in zip(reading.series, reading.values, strict=True):
            most = 0 if np.isnan(row).all() else int(np.nanmax(row))
            yield series.get("node", ""), profile_of_resource(series.get("resource", "")), most


def _packed(node: str, profiles: Sequence[str]) -> Iterator[Unit]:
    """Slices on as few devices as they fit on, the largest first; the model is not known here."""
    room: list[int] = []
    sizes = [(slice_size(profile, ""), profile) for profile in sorted(profiles)]
    for place, (size, profile) in enumerate(sorted((s, p) for s, p in sizes if s)[::-1], start=1):
        fits = next((number for number, left in enumerate(room) if left >= size.slices), len(room))
        if fits == len(room):
            room.append(size.of)
        room[fits] -= size.slices
        yield Unit(Device(node, f"mig-{fits}"), place, *size, profile)
