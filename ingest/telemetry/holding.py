"""What is known of who holds units: groups of containers, minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.names import Container

Int32 = NDArray[np.int32]
Float32 = NDArray[np.float32]
UNKNOWN, NOBODY = -1, 0


@dataclass
class Holding:
    """`who` [units, minutes]: UNKNOWN, NOBODY, or a place in `groups`, which are places in `containers` + 1.

    Most groups have one member, and the group of a container has its place. `asked` [minutes] is how many
    replicas of a unit a container has, where that was told.
    """

    containers: Sequence[Container]
    who: Int32
    groups: list[tuple[int, ...]]
    asked: dict[tuple[int, int], Float32] = field(default_factory=dict)

    def group(self, members: tuple[int, ...]) -> int:
        """The place of a group; a new one if there is none."""
        if members in self._places:
            return self._places[members]
        self.groups.append(members)
        return self._places.setdefault(members, len(self.groups) - 1)

    def __post_init__(self) -> None:
        self._places = {members: place for place, members in enumerate(self.groups)}
