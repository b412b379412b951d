"""Largest remainder as one would do it on paper: fractions, and one unit handed out at a time."""

from fractions import Fraction


def naive_split(amount: int, weights: list[int | Fraction]) -> list[int] | None:
    """Return the parts in the order of the weights; None where nobody can be named."""
    total = sum(map(Fraction, weights))
    if total == 0:
        return [0 for _ in weights] if amount == 0 else None
    if amount < 0:
        return [-part for part in naive_split(-amount, weights)]
    exact = [amount * Fraction(weight) / total for weight in weights]
    parts = [int(share) for share in exact]
    served = [False] * len(parts)
    while sum(parts) < amount:
        waiting = [index for index in range(len(parts)) if not served[index]]
        best = waiting[0]
        for index in waiting:
            if exact[index] - int(exact[index]) > exact[best] - int(exact[best]):
                best = index
        parts[best] += 1
        served[best] = True
    return parts
