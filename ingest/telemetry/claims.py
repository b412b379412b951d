"""Which pods hold a resource claim, for exporters that name claims and no pods."""

from collections.abc import Sequence

import numpy as np

from ingest.telemetry.names import Container
from ingest.telemetry.reading import Reading
from ingest.telemetry.units import Series


class Claims:
    """Pods by claim; a claim is shared by all pods that refer to it.

    A pod is taken to hold its claim for as long as the claim's device has samples: the claim goes with it.
    """

    def __init__(self, readings: Sequence[Reading], minutes: int) -> None:
        self._pods: dict[tuple[str, str], set[Container]] = {}
        for reading in readings:
            if reading.signal.fact != "claim":
                continue
            for series, row in zip(reading.series, reading.values, strict=True):
                if "pod" in series and "claim" in series and np.nan_to_num(row).any():
                    namespace = series.get("namespace", "")
                    key = namespace, series["claim"]
                    self._pods.setdefault(key, set()).add(Container(namespace, series["pod"], ""))

    def holders(self, series: Series) -> list[Container]:
        """The pods of the claim that a device's series names."""
        key = series.get("claim_namespace", ""), series.get("claim", "")
        return sorted(self._pods.get(key, ()))
