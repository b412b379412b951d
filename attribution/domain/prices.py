"""What an hour costs: charges spread over the hours of their period, and price-book rates."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from attribution.domain.hours import HOUR, floor_hour, hours
from attribution.domain.money import NANO, largest_remainder

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


def spread_exact(
    amount: Decimal, start: datetime, end: datetime, live: Hourly | None = None
) -> dict[datetime, Fraction]:
    """Spread a decimal amount over the hours of `[start, end)` as exact fractions of the currency unit.

    Used before a bill is rounded: sum these into pools and give them to `money.split_total`.
    """
    weights = spread_weights(start, end, live)
    per_weight = Fraction(amount) / sum(weights.values())
    return {hour: per_weight * weight for hour, weight in weights.items()}


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


def amortised_rate(capital: Decimal, life: timedelta, devices: int = 1, running: Decimal = Decimal(0)) -> int:
    """Return the rate of owned hardware in nano-units per device-hour, half to even.

    `capital` buys `devices` devices and is written off evenly over `life`; `running` is what they all
    cost per hour beside it (power, colocation, staff).
    """
    if devices < 1 or life <= timedelta(0):
        raise ValueError(f"expected at least one device and a life above 0; found {devices} and {life}")
    hourly = Fraction(capital) * (HOUR // _TICK) / (life // _TICK) + Fraction(running)
    return round(hourly * NANO / devices)
