"""Series of one signal that differ in labels we do not tell apart become one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Odd = NDArray[np.bool_] | None  # cells that had a sample which is not a number; None: no cell
Roles = dict[str, str]


def aggregated(roles: Sequence[Roles], table: Floats, odd: Odd, how: str) -> tuple[list[Roles], Floats, Odd]:
    """One row for each combination of roles, by max, min or sum; without rows that have no sample at all.

    Prometheus does most of it. Left are labels of two spellings, and all of it for files.
    """
    groups: dict[tuple[tuple[str, str], ...], int] = {}
    group = np.array([groups.setdefault(tuple(sorted(r.items())), len(groups)) for r in roles], np.int64)
    if len(groups) < len(roles):
        table, odd = _merged(group, len(groups), table, odd, how)
    seen: NDArray[np.bool_] = np.any(~np.isnan(table), axis=1)
    if odd is not None:
        odd = odd & np.isnan(table)
        seen = seen | np.any(odd, axis=1)
    names = [dict(key) for key in groups]
    if seen.all():
        return names, table, odd
    kept = [name for name, shown in zip(names, seen.tolist(), strict=True) if shown]
    return kept, table[seen], None if odd is None else odd[seen]


def _merged(group: NDArray[np.int64], count: int, table: Floats, odd: Odd, how: str) -> tuple[Floats, Odd]:
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], np.arange(count))
    rows = table[order]
    if odd is not None:
        odd = np.logical_or.reduceat(odd[order], first, axis=0)
    if how != "sum":
        return (np.fmin if how == "min" else np.fmax).reduceat(rows, first, axis=0), odd
    known = np.add.reduceat(~np.isnan(rows), first, axis=0, dtype=np.int64)
    return np.where(known > 0, np.add.reduceat(np.nan_to_num(rows), first, axis=0), np.nan), odd
