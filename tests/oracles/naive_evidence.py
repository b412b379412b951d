"""A figure worked out again from its evidence alone, as one would do it on paper."""

from collections.abc import Callable, Iterable
from fractions import Fraction

from attribution.operations.split_again import SplitHour, SplitPool, Weight
from attribution.queries.explain.device_hours import DeviceHour
from tests.oracles.naive_split import naive_split

WORKLESS = ("idle", "warm_reserve", "failover_reserve")
Keep = Callable[[SplitPool, Weight], bool]


def cost_from_evidence(
    hours: Iterable[SplitHour], amounts: dict[tuple[int, object, int], int | None], keep: Keep
) -> int:
    """Nano-units: each pool's amount split over its parts, each part over its weights, and what is kept."""
    total = 0
    for hour in hours:
        for pool in hour.pools:
            amount = amounts[hour.cluster_id, hour.hour, pool.number]
            if amount is not None:
                total += sum(part for weight, part in _lines(pool, amount) if keep(pool, weight))
    return total


def _lines(pool: SplitPool, amount: int) -> list[tuple[Weight, int]]:
    quantities = [Fraction(1 if part.quantity is None else part.quantity) for part in pool.splits]
    parts = naive_split(amount, list(quantities))
    assert parts is not None
    found = []
    for split, part in zip(pool.splits, parts, strict=True):
        shares = naive_split(part, [Fraction(weight.weight) for weight in split.weights])
        assert shares is not None
        found += list(zip(split.weights, shares, strict=True))
    return found


def price_amount(rate_nano: int, pool: SplitPool) -> int:
    """What the pool's device-minutes cost at a rate per device-hour, half to even."""
    minutes = sum(part.quantity or 0 for part in pool.splits)
    exact = Fraction(rate_nano * minutes, 60)
    whole, rest = divmod(exact.numerator, exact.denominator)
    twice = 2 * rest - exact.denominator
    return whole + (1 if twice > 0 or (twice == 0 and whole % 2) else 0)


def minutes_by_state(rows: Iterable[DeviceHour]) -> dict[str, int]:
    """Letters of strips counted one by one; devices without work stand together."""
    words = {
        "S": "serving",
        "W": "stalled",
        "L": "loading",
        "I": "workless",
        "U": "unallocated",
        "R": "unready",
    }
    counted: dict[str, int] = {}
    for row in rows:
        for letter in row.states:
            if letter != " ":
                state = words.get(letter, "no_data")
                counted[state] = counted.get(state, 0) + 1
    return counted


def minutes_by_use(pool: SplitPool) -> dict[str, int]:
    """Minutes that a pool was split over, with reserves and idle together."""
    counted: dict[str, int] = {}
    for part in pool.splits:
        use = "workless" if part.use in WORKLESS else part.use
        counted[use] = counted.get(use, 0) + (part.quantity or 0)
    return counted
