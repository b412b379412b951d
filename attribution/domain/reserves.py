"""How ready, workless devices divide into declared reserve and idle.

A declared reserve is kept on purpose and is not waste. Failover comes first, for it must be there
when a region goes away; then the warm reserve; the rest is idle.
"""

from typing import Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
C = TypeVar("C", int, Counts)


class Divided(NamedTuple, Generic[C]):
    """Workless devices of one pool and service in a minute; the three sum to the whole."""

    failover: C
    warm: C
    idle: C


@overload
def divide(workless: int, failover: int, warm: int) -> Divided[int]: ...
@overload
def divide(workless: Counts, failover: int | Counts, warm: int | Counts) -> Divided[Counts]: ...
def divide(
    workless: int | Counts, failover: int | Counts, warm: int | Counts
) -> Divided[int] | Divided[Counts]:
    """Divide `workless` ready devices by the declared numbers of failover and warm reserve.

    Scalars, or arrays that broadcast together (for example [services, 60] against [services, 1]).
    Raises ValueError for a negative count.
    """
    if min(np.min(count, initial=0) for count in (workless, failover, warm)) < 0:
        raise ValueError("a count of devices is negative")
    for_failover = np.minimum(workless, failover)
    kept_warm = np.minimum(workless - for_failover, warm)
    idle = workless - for_failover - kept_warm
    if isinstance(workless, int):
        return Divided(int(for_failover), int(kept_warm), int(idle))
    return Divided(for_failover, kept_warm, idle)
