"""Slices and sharers of one device minute by minute, in fractions: slow and obvious."""

from collections import Counter
from fractions import Fraction

from tests.oracles.naive_minutes import naive_state


def naive_slices(rows: list[dict], floor: float, replicas: int, alive: range) -> tuple[Counter, Fraction]:
    """Device-minutes of one device-hour by (holder, divided by policy, state), and busy device-minutes.

    A row has `slice`, `slices`, `of`, `holder` (0: nobody) and `minutes`: 60 dictionaries of signals (None is
    no sample), None where the slice is not there. `replicas` 0: sharers are equal.
    """
    counted: Counter = Counter()
    busy = Fraction(0)
    for at in range(60):
        here = [row | row["minutes"][at] for row in rows if row["minutes"][at] is not None]
        states = [naive_state(row, floor) for row in here]
        if at not in alive and all(state == "no_data" for state in states):
            continue
        left = Fraction(1)
        for name in dict.fromkeys((row["slice"], row["slices"]) for row in here):
            own = [
                (row, state)
                for row, state in zip(here, states, strict=True)
                if (row["slice"], row["slices"]) == name
            ]
            size = Fraction(own[0][0]["slices"], own[0][0]["of"])
            left -= size
            for holder, by_policy, state, part, use in _parts(own, size, replicas):
                counted[holder, by_policy, state] += part
                busy += part * use
        if left:
            told = "unready" if "unready" in states else "no_data"
            known = any(state not in ("no_data", "unready") for state in states)
            counted[0, False, "unallocated" if known and told != "unready" else told] += left
    return counted, busy


def _parts(own: list, size: Fraction, replicas: int) -> list:
    """Who has which part of one slice in one minute."""
    holders = [(row, state) for row, state in own if row["held"] and state != "no_data"]
    if not holders:
        known = [(row, state) for row, state in own if state != "no_data"]
        row, state = (known or own)[0]
        return [(row["holder"], False, state, size, Fraction(row["busy"] or 0))]
    asked = [int(row["held"]) if replicas else 1 for row, _ in holders]
    of = max(sum(asked), replicas)
    by_policy = len(holders) > 1 or replicas > 0
    found = [
        (row["holder"], by_policy, state, size * count / of, Fraction(row["busy"] or 0))
        for (row, state), count in zip(holders, asked, strict=True)
    ]
    if of > sum(asked):
        state = "unready" if any(state == "unready" for _, state in own) else "unallocated"
        busy = max(Fraction(row["busy"] or 0) for row, _ in holders)
        found.append((0, True, state, size * (of - sum(asked)) / of, busy))
    return found
