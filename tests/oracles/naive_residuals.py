"""Engine totals against gateway totals as one would add them up on paper, hour by hour."""

from collections.abc import Iterable
from typing import Any

# Hour, level, service, measure, count (None: not told).
Count = tuple[Any, str, str | None, str, int | None]


def naive_residuals(counts: Iterable[Count]) -> dict[tuple[str | None, str], tuple[int | None, ...]]:
    """By service and measure: (engine, gateway) of hours that both told, then of what one told alone."""
    told: dict[tuple[str | None, str], dict[Any, dict[str, int]]] = {}
    for hour, level, service, measure, count in counts:
        if count is not None:
            hours = told.setdefault((service, measure), {})
            by_level = hours.setdefault(hour, {})
            by_level[level] = by_level.get(level, 0) + count
    found: dict[tuple[str | None, str], tuple[int | None, ...]] = {}
    for key, hours in told.items():
        both = [by for by in hours.values() if len(by) == 2]
        alone = [by for by in hours.values() if len(by) == 1]
        found[key] = (
            *(sum(by[level] for by in both) if both else None for level in ("engine", "gateway")),
            *(
                sum(by[level] for by in alone if level in by) if any(level in by for by in alone) else None
                for level in ("engine", "gateway")
            ),
        )
    return found
