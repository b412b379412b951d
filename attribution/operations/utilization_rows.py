"""Minutes by state as rows of `hourly_utilization`, in device-minutes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.domain.capacity import StateMinutes
from attribution.domain.device_parts import PARTS
from attribution.domain.money import NANO, largest_remainder

Minutes = int | Decimal


def utilization_rows(pool_ids: Sequence[int], state: StateMinutes) -> list[list[tuple[Any, ...]]]:
    """Per hour, rows without cluster and hour: pool, service, tenant, minutes by use, busy, serving, sampled.

    Parts of device-minutes have nine digits and are rounded so that a pool-hour sums to its whole minutes.
    """
    holders = [(seat.service_id, seat.tenant_id) for seat in state.seats]
    kept = np.flatnonzero([place == holders.index(holder) for place, holder in enumerate(holders)])
    minutes, busy, serving_busy, sampled = (
        np.add.reduceat(array, kept, axis=2)
        for array in (state.minutes, state.busy, state.serving_busy, state.sampled)
    )
    rows: list[list[tuple[Any, ...]]] = [[] for _ in minutes]
    for hour, pool in np.argwhere(minutes.any(axis=(2, 3))).tolist():
        by_seat, sampled_by_seat = _minutes(minutes[hour, pool]), _minutes(sampled[hour, pool])
        for seat in np.flatnonzero(minutes[hour, pool].any(axis=1)).tolist():
            cell = (hour, pool, seat)
            rows[hour].append(
                (
                    pool_ids[pool],
                    *holders[kept[seat]],
                    *by_seat[seat],
                    float(busy[cell]),
                    float(serving_busy[cell]),
                    sampled_by_seat[seat],
                )
            )
    return rows


def _minutes(parts: NDArray[np.int64]) -> list[Any]:
    """PARTS as device-minutes, in the same shape."""
    if not (parts % PARTS).any():
        whole: list[Any] = (parts // PARTS).tolist()
        return whole
    weights = parts.ravel().tolist()
    split = largest_remainder(round(sum(weights) * NANO / PARTS), weights) or [0] * len(weights)
    return np.array([_decimal(nano) for nano in split], dtype=object).reshape(parts.shape).tolist()  # type: ignore[no-any-return]  # of decimals


def _decimal(nano: int) -> Minutes:
    minutes, part = divmod(nano, NANO)
    return Decimal(nano).scaleb(-9) if part else minutes
