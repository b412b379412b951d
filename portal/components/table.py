"""A table as data: pages build one of these and templates/components/table.html draws it.

The same shape on every page gives every table a caption, headers that readers announce, links that sort, the
ledger's double rule under totals, and a way to be scrolled by keyboard on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Tag:
    """A short word in a tinted box. Tone: "", "ok", "info", "warn" or "danger"; the word says it all."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell: text that is already formatted, or a drawing; `under` is a second, quieter line."""

    text: str = ""
    href: str = ""
    under: str = ""
    tag: Tag | None = None
    drawing: SafeString | str = ""
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """One column. `sorted` is "", "ascending" or "descending"; `sort_href` makes the header a link."""

    label: str
    numeric: bool = False
    sort_href: str = ""
    sorted: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """Cells in the order of the columns; the first is the row's header. `below`: a sentence under them."""

    cells: Sequence[Cell]
    quiet: bool = False
    below: str = ""


@dataclass(frozen=True)
class Table:
    """A whole table. `caption` names currency, zone and what the figures are; `note` stands on the right.

    `upright`: on a phone a row is a list of its cells with the names of their columns, for figures with all
    their digits, which stand beside nothing else there.
    """

    title: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    foot: Sequence[Row] = field(default_factory=tuple)
    note: str = ""
    upright: bool = False

    def foot_lines(self) -> list[tuple[Row, list[tuple[Column, Cell]]]]:
        """Total lines with each cell beside its column, for the template. ValueError when one has gaps."""
        return [(row, list(zip(self.columns, row.cells, strict=True))) for row in self.foot]
