"""What splitting by largest remainder moved."""

from decimal import Decimal
from typing import NamedTuple

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.versions import Pinned
from attribution.queries.explain.whole_ranges import whole_range
from attribution.sql import statement

_THOUSANDTH = Decimal("0.001")


class Rounding(NamedTuple):
    """In nano-units, to a thousandth: what the figure has more (or less) than its lines' exact shares.

    `lines` could be compared: those of cost pools whose every line keeps its quantity. `largest` is the
    most that one line was moved; each of the two splits (states, then tenants) moves less than one unit.
    """

    lines: int
    moved: Decimal
    largest: Decimal


def rounding(asked: Asked, pinned: Pinned, currency: str) -> Rounding:
    """Compare the lines of a figure with their exact shares."""
    if not pinned.windows:
        return Rounding(0, Decimal(0), Decimal(0))
    parameters = asked.parameters() | pinned.parameters() | {"currency": currency}
    with whole_range() as cursor:
        cursor.execute(statement("explain_rounding"), parameters)
        lines, moved, largest = cursor.fetchone()
    # Adding zero makes a negative zero positive.
    return Rounding(lines, Decimal(moved).quantize(_THOUSANDTH) + 0, Decimal(largest).quantize(_THOUSANDTH))
