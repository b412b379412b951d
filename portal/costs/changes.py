"""What changed most, with words only for what was worked out: volume, and price per success."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import nsmallest

from attribution.domain.unit_cost import cost_per_success
from portal.components.formats import change, money, percent
from portal.costs.rows import GroupRow

FLAT = Fraction(1, 100)
MOVERS = 5


@dataclass(frozen=True)
class Mover:
    """A group, the signed difference of its cost, its tone, and why as far as it is known."""

    name: str
    href: str
    difference: str
    tone: str
    words: str


def movers(rows: Iterable[GroupRow], currency: str, href: object) -> Sequence[Mover]:
    """What to say of rows that moved; `href` gives a row's address."""
    return [
        Mover(
            row.name,
            href(row),  # type: ignore[operator]  # a function of a row
            money(row.difference, currency, signed=True),
            "bad" if (row.difference or 0) > 0 else "good",
            why(row, currency),
        )
        for row in rows
    ]


def moved_most(rows: Iterable[GroupRow]) -> list[GroupRow]:
    """The rows with the largest differences of complete days against the baseline."""
    moved = [(-abs(difference), str(row.key), row) for row in rows if (difference := row.difference)]
    return [row for _, _, row in nsmallest(MOVERS, moved, key=lambda each: each[:2])]


def why(row: GroupRow, currency: str) -> str:
    """Volume and price of a row's change; from what to what where requests are not known."""
    cost = row.cost
    if cost.before is None:
        return f"nothing in the baseline; {money(cost.firm, currency)} now"
    if cost.firm is None:
        return f"{money(cost.before, currency)} in the baseline; nothing now"
    plain = f"{money(cost.before, currency)} before, {money(cost.firm, currency)} now"
    if row.requests is None:
        return plain
    volume = change(row.requests.firm_successes, row.requests.before_successes)
    price = change(
        cost_per_success(cost.firm, row.requests.firm_successes).value,
        cost_per_success(cost.before, row.requests.before_successes).value,
    )
    if volume is None or price is None:
        return plain
    return f"successful requests {_said(volume)}, cost per success {_said(price)}"


def _said(moved: Fraction) -> str:
    if abs(moved) < FLAT:
        return "flat"
    return f"{'up' if moved > 0 else 'down'} {percent(abs(moved), 0)}"
