"""How the bill of one node is divided over the pools of its devices.

A node may have devices of two models, and so of two pools; its bill is one amount. What a device-hour is
declared to cost says how unlike they are; without that, a device-minute is a device-minute.
"""

from collections.abc import Mapping
from typing import NamedTuple

from attribution.domain.money import split

# Parts of a bill that stand for nodes which are known; `resource` is the node's name where pools divide it.
NODE_PARTS = ("nodes", "silent")
BY_PRICE, BY_MINUTES = "price × device-minutes", "device-minutes"


class Rate(NamedTuple):
    """What a device-hour of a pool costs in a price book, in nano-units of its currency."""

    currency: str
    nano: int


class Division(NamedTuple):
    """Weights by pool id (0: devices of no pool), none of them negative and some of them positive."""

    weights: Mapping[int, int]
    by: str


def is_divided(kind: str, part: str, resource: str) -> bool:
    """Whether a cost pool of a bill is that of one node which several pools divide."""
    return kind == "accelerator" and part in NODE_PARTS and resource != ""


def division(minutes: Mapping[int, int], rates: Mapping[int, Rate | None]) -> Division:
    """Weigh the device-minutes of a node's pools by their rates, where all have one in one currency.

    Pools without minutes bear nothing. ValueError where there is no minute at all.
    """
    lived = {pool: count for pool, count in minutes.items() if count}
    if not lived:
        raise ValueError("no device of the node lived")
    known = [rates.get(pool) for pool in lived]
    priced = [rate for rate in known if rate is not None]
    if len(priced) == len(known) and len({rate.currency for rate in priced}) == 1:
        weights = {pool: count * rate.nano for (pool, count), rate in zip(lived.items(), priced, strict=True)}
        if any(weights.values()):
            return Division(weights, BY_PRICE)
    return Division(lived, BY_MINUTES)


def divide(amount: int, by: Division) -> dict[int, int]:
    """Parts of an integer amount by pool id; they sum to it. Ties of rounding go to the lower id."""
    parts = split(amount, by.weights)
    if parts is None:
        raise AssertionError("a division always weighs something")
    return parts
