"""What an hour costs: charges spread over the hours of their period, and price-book rates."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from attribution.domain.hours import HOUR, floor_hour, hours
from attribution.domain.money import largest_remainder

_TICK = timedelta(microseconds=1)
Hourly = Mapping[datetime, int]


def spread(amount: int, start: datetime, end: datetime, live: Hourly | None = None) -> dict[datetime, int]:
    """Spread an integer amount over the hours of `[start, end)`; the extra units go to the earliest.

    Weights as in `spread_weights`. The amount may be in any whole unit: nano-units, or finer ones
    where a bill carries more digits. Parts sum to the amount.
    """
    weights = spread_weights(start, end, live)
    parts = largest_remainder(amount, list(weights.values()))
    if parts is None:
        raise AssertionError("spread_weights never returns zeros only")
    return dict(zip(weights, parts, strict=True))


def spread_weights(start: datetime, end: datetime, live: Hourly | None = None) -> dict[datetime, int]:
    """Return the weight of every UTC hour in a charge period, the earliest first; never all zero.

    The weight is the overlap with the period in microseconds, times the node's `live` minutes of the
    hour where they are given; a node that was never live in the period is spread by overlap alone. An
    empty period is a charge of one moment and belongs to its hour. ValueError when it ends before it
    starts.
    """
    if end < start:
        raise ValueError(f"charge period ends {end.isoformat()}, before its start {start.isoformat()}")
    if end == start:
        return {floor_hour(start): 1}
    overlap = {hour: (min(end, hour + HOUR) - max(start, hour)) // _TICK for hour in hours(start, end)}
    if live is None:
        return overlap
    weights = {hour: weight * live.get(hour, 0) for hour, weight in overlap.items()}
    return weights if any(weights.values()) else overlap


def price_book_amount(rate_nano_per_device_hour: int, device_minutes: int) -> int:
    """Return what device-minutes cost at a rate per device-hour, in nano-units, half to even."""
    if device_minutes < 0:
        raise ValueError(f"device-minutes are negative: {device_minutes}")
    return round(Fraction(rate_nano_per_device_hour * device_minutes, 60))
