"""Rows of who holds what, one for each holder, from rows of groups of holders."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.holding import Holding
from ingest.telemetry.rows import Rows
from ingest.telemetry.span import HOUR, Span

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass
class Told:
    """Hour, unit and holder (a place in the containers + 1; 0: nobody) [n], and signals [n, 60]."""

    hour: Int64
    unit: Int64
    holder: Int64
    signals: dict[str, Float32]

    def minutes_of(self, table: Bool, span: Span) -> Bool:
        """[n, 60]: each row's hour of its unit in a table [units, minutes]."""
        folded: Bool = table.reshape(len(table), span.hours, 60)[self.unit, (self.hour - span.start) // HOUR]
        return folded


def told_by_holder(held_by: Holding, rows: Rows, span: Span) -> Told:
    """A row for each member of a group; rows of one holder in one hour, whose minutes differ, become one."""
    hour, unit, group, signals = rows
    sizes = np.array([max(len(members), 1) for members in held_by.groups], dtype=np.int64)[group]
    if (sizes == 1).all():
        first = np.array(
            [members[0] if len(members) == 1 else 0 for members in held_by.groups], dtype=np.int64
        )
        told = Told(hour, unit, first[group], signals)
    else:
        source = np.repeat(np.arange(len(hour)), sizes)
        holder = np.array(
            [member for place in group for member in held_by.groups[place] or (0,)], dtype=np.int64
        )
        told = _merged(hour[source], unit[source], holder, {n: v[source] for n, v in signals.items()})
    _set_asked(told, held_by.asked, span)
    return told


def _merged(hour: Int64, unit: Int64, holder: Int64, signals: Mapping[str, Float32]) -> Told:
    keys, place = np.unique(np.stack((hour, unit, holder), axis=1), axis=0, return_inverse=True)
    order = np.argsort(place.ravel(), kind="stable")
    starts = np.searchsorted(place.ravel()[order], np.arange(len(keys)))
    merged = {name: np.fmax.reduceat(values[order], starts, axis=0) for name, values in signals.items()}
    return Told(keys[:, 0], keys[:, 1], keys[:, 2], merged)


def _set_asked(told: Told, asked: Mapping[tuple[int, int], Float32], span: Span) -> None:
    """Put the number of replicas in place of the 1 of `held`, where it is known."""
    if not asked:
        return
    held = told.signals["held"]
    for row, key in enumerate(zip(told.unit.tolist(), told.holder.tolist(), strict=True)):
        if key in asked:
            start = (int(told.hour[row]) - span.start) // 60
            held[row] = np.where(held[row] > 0, asked[key][start : start + 60], held[row])
