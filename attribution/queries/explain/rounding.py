"""What splitting by largest remainder moved."""

from collections.abc import Iterable
from decimal import Decimal
from math import fsum
from typing import NamedTuple

from attribution.queries.explain.sums import LineSum

_THOUSANDTH = Decimal("0.001")


class Rounding(NamedTuple):
    """In nano-units, to a thousandth: what the figure has more (or less) than its lines' exact shares.

    `lines` could be compared: those of cost pools whose every line keeps its quantity. `largest` is the
    most that one line was moved; each of the two splits (states, then tenants) moves less than one unit.
    """

    lines: int
    moved: Decimal
    largest: Decimal


def rounding(lines: Iterable[LineSum]) -> Rounding:
    """Compare the lines of a figure, all of one currency, with their exact shares."""
    compared = [line for line in lines if line.compared]
    moved, largest = (
        fsum(line.moved for line in compared),
        max((line.largest for line in compared), default=0),
    )
    return Rounding(
        sum(line.compared for line in compared),
        # Adding zero makes a negative zero positive.
        Decimal(moved).quantize(_THOUSANDTH) + 0,
        Decimal(largest).quantize(_THOUSANDTH),
    )
