"""How busy people are: by the hour of the day and the day of the week."""

import numpy as np
from numpy.typing import NDArray

from portal.demo.span import Seconds

Floats = NDArray[np.float64]
# Share of the peak by hour of the day (UTC; the people sit around the Baltic), and by day from Monday.
_DAYS = {
    "office": (2, 2, 2, 2, 3, 8, 25, 60, 88, 98, 100, 92, 78, 90, 97, 90, 70, 42, 22, 14, 9, 6, 4, 3),
    "people": (
        24,
        17,
        13,
        11,
        12,
        17,
        28,
        42,
        52,
        56,
        58,
        63,
        66,
        62,
        60,
        63,
        70,
        80,
        92,
        100,
        98,
        84,
        60,
        38,
    ),
    "nights": (95, 100, 100, 96, 80, 40, 15, 8, 6, 6, 6, 6, 8, 6, 6, 6, 8, 10, 14, 22, 40, 68, 85, 92),
    "steady": (
        70,
        68,
        66,
        66,
        68,
        72,
        78,
        86,
        92,
        96,
        100,
        98,
        94,
        96,
        98,
        96,
        92,
        88,
        84,
        82,
        80,
        78,
        75,
        72,
    ),
}
_WEEKS = {
    "office": (96, 100, 99, 97, 84, 14, 10),
    "people": (92, 94, 95, 97, 100, 96, 90),
    "nights": (100, 98, 98, 98, 96, 55, 60),
    "steady": (98, 100, 100, 99, 96, 82, 80),
}


def rhythm(name: str, times: Seconds) -> Floats:
    """Share of the peak, 0 to 1, at epoch seconds; between full hours it runs straight."""
    hour = (times % 86_400) / 3_600
    of_day = np.interp(hour, np.arange(25), [*_DAYS[name], _DAYS[name][0]])
    weekday = (times // 86_400 + 3) % 7  # 1 January 1970 was a Thursday
    of_week = np.array(_WEEKS[name], dtype=np.float64)[weekday]
    share: Floats = of_day * of_week / 10_000
    return share
