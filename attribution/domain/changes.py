"""Why a figure is another one: volume, price, mix, rule and late data, in nano-units that sum exactly.

A figure's part of one cell (a cost pool, a use, a service) is `pool × state ÷ pool × part ÷ state`: what the
pool cost, what of it went into the use, what of that falls into the figure. From before to after one of the
three is replaced at a time, each step is rounded to a nano-unit, and a term is the step it makes. So the
terms of a cell sum to its difference, whatever the rounding.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple


class Cell(NamedTuple):
    """One side of a cell. Amounts in nano-units; `pool` and `state` are those of everybody.

    `quantity` are the pool's device-minutes (or bytes), None where the ledger has none; `pool` None:
    unpriced. `rules` are the ids of the rules that divided the state, 0 for the default.
    """

    quantity: Fraction | None
    pool: int | None
    state: int
    part: int
    rules: frozenset[int]


class Terms(NamedTuple):
    """What changed a figure, in nano-units; they sum to its difference.

    `volume`: hours (or, between two ranges, device-minutes and cost pools) that only one side has.
    `price`: another amount per device-minute, or another amount of a pool without minutes.
    `mix`: the pool's cost went into other uses or to other tenants, by the same rules.
    `rule`: it went to other tenants by other rules.
    `late_data`: minutes and cost pools that came for hours that the earlier side had told already.
    """

    volume: int = 0
    price: int = 0
    mix: int = 0
    rule: int = 0
    late_data: int = 0

    def plus(self, other: "Terms") -> "Terms":
        """Both together."""
        return Terms(*(own + more for own, more in zip(self, other, strict=True)))


def terms_of(before: Cell | None, after: Cell | None, *, told: bool) -> Terms:
    """The terms of one cell; `told`: the earlier side had this hour, so what is new in it is late.

    In this order: other minutes at the old price, the new price, the new use of minutes, the new tenants.
    """
    if before is None or after is None:
        return _quantity(_part(after) - _part(before), told)
    if not before.pool or not before.part:
        return _from_nothing(before, after)
    start = before.part
    moved = _scaled(start, after.quantity, before.quantity)
    priced = _scaled(start, after.pool or 0, before.pool)
    used = _scaled(start, after.state, before.state)
    last = after.part - used
    same = before.rules == after.rules
    return _quantity(moved - start, told).plus(
        Terms(price=priced - moved, mix=used - priced + (last if same else 0), rule=0 if same else last)
    )


def _from_nothing(before: Cell, after: Cell) -> Terms:
    """The figure had nothing of the cell: a price came, or another use or rule gave it a part."""
    if not before.pool:
        return Terms(price=after.part - before.part)
    change = after.part - before.part
    return Terms(mix=change) if before.rules == after.rules else Terms(rule=change)


def _quantity(change: int, told: bool) -> Terms:
    return Terms(late_data=change) if told else Terms(volume=change)


def _part(cell: Cell | None) -> int:
    return 0 if cell is None else cell.part


def _scaled(amount: int, after: Fraction | int | None, before: Fraction | int | None) -> int:
    """The amount in proportion, half to even; as it was where there is nothing to compare."""
    if not before or after is None:
        return amount
    return round(Fraction(amount) * Fraction(after) / Fraction(before))


def sum_of_terms(terms: Iterable[Terms]) -> Terms:
    """All of them together."""
    total = Terms()
    for one in terms:
        total = total.plus(one)
    return total
