"""What a bill's lines cost each place in each hour, line by line and in fractions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class NaiveLine(NamedTuple):
    """A line of some node or other thing; `life`: when a node lived, None for all times and other things."""

    place: str
    start: datetime
    end: datetime
    amount: Decimal
    life: tuple[datetime, datetime] | None = None


def naive_bill_pools(lines: Iterable[NaiveLine]) -> dict[tuple[str, datetime], Fraction]:
    """Exact amounts by place and hour; hours of a node that did not live in the period are `place/silent`."""
    pools: dict[tuple[str, datetime], Fraction] = {}
    for line in lines:
        hours = _hours(line.start, line.end)
        overlap = [(min(line.end, hour + HOUR) - max(line.start, hour)) / MINUTE for hour in hours]
        weights, place = [Fraction(part) for part in overlap], line.place
        if line.life is not None:
            first, last = line.life
            lived = [max(0, (min(last, hour + HOUR) - max(first, hour)) // MINUTE) for hour in hours]
            if any(lived):
                weights = [weight * minutes for weight, minutes in zip(weights, lived, strict=True)]
            else:
                place += "/silent"
        for hour, weight in zip(hours, weights, strict=True):
            key = (place, hour)
            pools[key] = pools.get(key, Fraction(0)) + Fraction(line.amount) * weight / sum(weights)
    return pools


def _hours(start: datetime, end: datetime) -> list[datetime]:
    hour, found = start.replace(minute=0, second=0, microsecond=0), []
    while hour < end:
        found.append(hour)
        hour += HOUR
    return found
