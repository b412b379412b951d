"""What is held: whole devices, and slices of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from attribution.domain.device_parts import PARTS
from attribution.domain.slices import WHOLE, SliceSize, profile_name, slice_size
from ingest.telemetry.names import Device
from ingest.telemetry.reading import Reading

Series = Mapping[str, str]


class Unit(NamedTuple):
    """A device, or a slice of it: `slice` is 0 for the whole, `profile` is how pods ask for one like it."""

    device: Device
    slice: int = 0
    slices: int = 1
    of: int = 1
    profile: str = ""

    @property
    def parts(self) -> int:
        """PARTS of the device."""
        return PARTS * self.slices // self.of


def device_of(series: Series) -> Device:
    """The device that a series names."""
    return Device(series.get("node", ""), series.get("uuid", ""))


class Units:
    """Knows the unit of every series of a device's own metrics.

    A slice has an id and a profile that a table knows; ids without a profile (partitions) are equal parts, as
    many as the device shows. What has an id and neither is a whole device: a partition that is all of it.
    """

    def __init__(self, own: Sequence[Reading], models: Mapping[Device, str]) -> None:
        self._models = models
        self._ids = _ids_without_profile(own)

    def of(self, series: Series) -> Unit:
        """The unit that a series speaks of."""
        device, name, profile = device_of(series), series.get("slice", ""), series.get("profile", "")
        if not name:
            return Unit(device)
        size = slice_size(profile, self._models.get(device, "")) if profile else None
        if size is None:
            count = len(self._ids.get(device, ()))
            size = SliceSize(1, count) if count > 1 and PARTS % count == 0 else WHOLE
        if size == WHOLE:
            return Unit(device)
        return Unit(device, _number(name), *size, profile_name(profile))


def _ids_without_profile(own: Iterable[Reading]) -> dict[Device, set[str]]:
    ids: dict[Device, set[str]] = defaultdict(set)
    for reading in own:
        for series in reading.series:
            if series.get("slice") and not series.get("profile"):
                ids[device_of(series)].add(series["slice"])
    return ids


def _number(name: str) -> int:
    """The same number for the same name at any time; small for the ids that exporters give."""
    return int(name) + 1 if name.isdecimal() and len(name) < 6 else 10**6 + crc32(name.encode()) % 10**9
