"""What a bill of one node costs each of its pools in each hour, the way one would do it on paper."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple


class Device(NamedTuple):
    """A device of a pool; its life in minutes [first, end) from some beginning."""

    pool: str
    first: int
    end: int


class Charge(NamedTuple):
    """An amount for the hours [first, end)."""

    amount: Fraction
    first: int
    end: int


def naive_node_bill(
    charges: Iterable[Charge], devices: Sequence[Device], rates: Mapping[str, Fraction]
) -> dict[tuple[int, str], Fraction]:
    """Exact parts by (hour, pool): over the hours by the minutes that the node lived, then over its devices.

    A minute of a device weighs its rate if every pool that lived in the hour has one, else 1.
    """
    parts: dict[tuple[int, str], Fraction] = {}
    node = range(min(device.first for device in devices), max(device.end for device in devices))
    for charge in charges:
        hours = range(charge.first, charge.end)
        lived = {hour: sum(minute in node for minute in _minutes(hour)) for hour in hours}
        for hour in hours:
            of_hour = charge.amount * lived[hour] / sum(lived.values())
            weights = _weights(hour, devices, rates)
            for pool, weight in weights.items():
                part = of_hour * weight / sum(weights.values())
                parts[hour, pool] = parts.get((hour, pool), Fraction(0)) + part
    return parts


def _minutes(hour: int) -> range:
    return range(60 * hour, 60 * hour + 60)


def _weights(hour: int, devices: Sequence[Device], rates: Mapping[str, Fraction]) -> dict[str, Fraction]:
    minutes = {device.pool: Fraction(0) for device in devices}
    for device in devices:
        minutes[device.pool] += sum(device.first <= minute < device.end for minute in _minutes(hour))
    lived = {pool: count for pool, count in minutes.items() if count}
    if all(pool in rates for pool in lived):
        return {pool: count * rates[pool] for pool, count in lived.items()}
    return lived
