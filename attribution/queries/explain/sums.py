"""The lines of a figure, summed by everything that explains them."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.figures import IDLE_USES, SERVING_USES, UNALLOCATED_USES
from attribution.queries.explain.versions import Pinned
from attribution.queries.explain.whole_ranges import whole_range
from attribution.sql import statement


class LineSum(NamedTuple):
    """Lines alike in all that explains them. `amount_nano` None: none of them is priced.

    `quantity` is in `unit`, None where the ledger has none; ids are 0 where there is none. `compared` lines
    could be held against their exact shares: `moved` is their sum less that of the shares, in nano-units,
    `largest` the most that one was moved.
    """

    currency: str
    kind: str
    part: str
    use: str
    basis: str
    rule_id: int
    reason: str
    bill_id: int
    price_id: int
    estimated: bool
    unit: str
    with_tenant: bool
    with_service: bool
    lines: int
    unpriced_lines: int
    amount_nano: int | None
    usage_nano: int | None
    quantity: float | None
    compared: int = 0
    moved: float = 0.0
    largest: float = 0.0


def line_sums(asked: Asked, pinned: Pinned) -> list[LineSum]:
    """Sums of every currency, in a stable order."""
    if not pinned.windows:
        return []
    with whole_range() as cursor:
        cursor.execute(statement("explain_sums"), asked.parameters() | pinned.parameters())
        return [_sum(row) for row in cursor.fetchall()]


def _sum(row: tuple[Any, ...]) -> LineSum:
    *keys, lines, unpriced, amount, usage, quantity, compared, moved, largest = row
    found: tuple[Any, ...] = (
        *keys,
        lines,
        unpriced,
        None if amount is None else int(amount),
        None if usage is None else int(usage),
        quantity,
        compared,
        moved,
        largest,
    )
    return LineSum(*found)


Keep = Callable[[LineSum], bool]


def is_idle(line: LineSum) -> bool:
    """Accelerators without work: loading, stalled, in reserve, idle."""
    return line.use in IDLE_USES


def is_accelerator(line: LineSum) -> bool:
    """Any device-minute or charge of accelerators."""
    return line.kind == "accelerator"


def is_unallocated(line: LineSum) -> bool:
    """Held by nobody, or served for nobody known."""
    if line.kind in ("network", "egress"):
        return False
    return line.use in UNALLOCATED_USES or (line.use in SERVING_USES and not line.with_tenant)


def is_invoiced(line: LineSum) -> bool:
    """Priced by a bill."""
    return not line.estimated


def amount_of(lines: Iterable[LineSum], keep: Keep = lambda line: True) -> int | None:
    """Nano-units of what is kept and priced; None where nothing is."""
    known = [line.amount_nano for line in lines if keep(line) and line.amount_nano is not None]
    return sum(known) if known else None


def count_of(lines: Iterable[LineSum], keep: Keep = lambda line: True) -> int:
    """Ledger lines that are kept, priced or not."""
    return sum(line.lines for line in lines if keep(line))


def chosen_currency(currencies: Iterable[str], asked: str | None, usual: str) -> str:
    """The one asked for, else the organization's where there is some, else the first."""
    found = sorted(set(currencies))
    if asked is not None:
        return asked
    return usual if usual in found or not found else found[0]
