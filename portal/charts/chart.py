"""A chart with everything that belongs to it: the drawing, its legend, the same in words and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.components.table import Table


@dataclass(frozen=True)
class Chart:
    """`figure` is plain data for the drawing library; `legend` has pairs of (cost component, words)."""

    title: str
    summary: str
    figure: dict[str, Any]
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)
    table: Table | None = None
