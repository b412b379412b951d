"""Two sets of sums side by side."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from attribution.operations.preview.sums import Cell, Sum, Sums
from attribution.queries.dimensions import USES

# In the place of a tenant's id and of a use: all of them.
ALL_TENANTS, ALL_USES = -1, ""


class Beside(NamedTuple):
    """What a group bears and would bear, in nano-units.

    None is an amount of which no line has a price, and a difference to it; a group without lines bears 0.
    `tenant` None: nobody's, or all; `use` None: all.
    """

    tenant: str | None
    use: str | None
    currency: str
    stands: int | None
    proposed: int | None
    difference: int | None
    stands_minutes: Decimal
    proposed_minutes: Decimal
    stands_unpriced: int
    proposed_unpriced: int


def beside(
    stands: Sums, proposed: Sums, key: Callable[[Cell], Cell], tenants: Mapping[int, str]
) -> tuple[Beside, ...]:
    """A row for every key that either side has, sorted by tenant (nobody last), use and currency."""
    before, after = stands.by(key), proposed.by(key)
    rows = [
        _row(cell, before.get(cell, _NOTHING), after.get(cell, _NOTHING), tenants)
        for cell in before.keys() | after.keys()
    ]
    return tuple(sorted(rows, key=_order))


_NOTHING = Sum(0)


def _row(cell: Cell, before: Sum, after: Sum, tenants: Mapping[int, str]) -> Beside:
    known = before.amount is not None and after.amount is not None
    return Beside(
        tenants.get(cell.tenant_id),
        cell.use or None,
        cell.currency,
        before.amount,
        after.amount,
        (after.amount or 0) - (before.amount or 0) if known else None,
        before.minutes,
        after.minutes,
        before.unpriced,
        after.unpriced,
    )


def _order(row: Beside) -> tuple[bool, str, int, str]:
    return row.tenant is None, row.tenant or "", USES.index(row.use) if row.use else 0, row.currency
