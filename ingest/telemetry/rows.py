"""One row per hour, device and holder."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ingest.telemetry.span import HOUR, Span

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], dict[str, Float32]]


def split_by_holder(who: Int32, signals: Mapping[str, Float32], span: Span) -> Rows:
    """Hour, device, holder [n] and signals [n, 60] from `who` and signals, both [devices, minutes].

    `who` is -1 unknown, 0 nobody, else a holder. A device that changes hands within an hour has a row for
    each of them, with disjoint minutes; minutes of nobody knows whom go with the ones before. A device-hour
    without any sample has no row.
    """
    count = len(who) * span.hours
    folded = who.reshape(count, 60)
    cells = {name: values.reshape(count, 60) for name, values in signals.items()}
    seen = np.zeros(count, dtype=bool)
    for values in cells.values():
        seen |= ~np.isnan(values).all(axis=1)
    known = folded >= 0
    most = folded.max(axis=1)
    least = np.where(known, folded, np.iinfo(np.int32).max).min(axis=1)
    several = np.flatnonzero(seen & known.any(axis=1) & (least != most))
    plain = seen.copy()
    plain[several] = False
    rows, holder = np.flatnonzero(plain), np.maximum(most, 0)[plain]
    parts = {name: values[plain] for name, values in cells.items()}
    if len(several):
        extra, extra_holder, masks = _changing(folded, several)
        rows, holder = np.concatenate([rows, extra]), np.concatenate([holder, extra_holder])
        for name, values in cells.items():
            parts[name] = np.concatenate([parts[name], np.where(masks, values[extra], np.float32(np.nan))])
    device, place = np.divmod(rows, span.hours)
    order = np.lexsort((holder, device, place))
    hour = span.start + place * HOUR
    return hour[order], device[order], holder[order].astype(np.int64), {n: v[order] for n, v in parts.items()}


def _changing(
    folded: Int32, several: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Row, holder and minutes [n, 60] of device-hours with more than one holder; those are few."""
    rows, holders, masks = [], [], []
    for row in several:
        owner = _filled(folded[row])
        for holder in np.unique(owner):
            rows.append(row)
            holders.append(holder)
            masks.append(owner == holder)
    return np.array(rows), np.array(holders), np.array(masks)


def _filled(who: Int32) -> Int32:
    """The same minutes with unknown ones given to the holder before, or at the start to the first."""
    known = np.flatnonzero(who >= 0)
    before = np.searchsorted(known, np.arange(60), side="right") - 1
    filled: Int32 = who[known[np.maximum(before, 0)]]
    return filled
