"""What a question's own room hands to the answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.queries.costs import CostTotal
from attribution.queries.dimensions import NAMED


@dataclass(frozen=True)
class Body:
    """Rows, and what belongs into the head beside range and freshness. `covered`: coverage is told too.

    `cells` makes a row's plain values; it is called when the row is sent, and not before. `costs` are totals
    of what was borne, where the rows were made of it: coverage needs them, and would ask once more.
    """

    head: dict[str, Any]
    columns: tuple[str, ...]
    text_columns: frozenset[str]
    rows: Sequence[Any]
    cells: Callable[[Any], tuple[Any, ...]]
    covered: bool = True
    costs: tuple[CostTotal, ...] | None = None


def currency_of(currencies: Iterable[str | None]) -> str | None:
    """The one currency of an answer; None where there are several: look at the rows then."""
    found = {currency for currency in currencies if currency is not None}
    return found.pop() if len(found) == 1 else None


def names_among(columns: Iterable[str]) -> frozenset[str]:
    """The columns whose words come from strangers."""
    return frozenset(columns) & frozenset(NAMED)
