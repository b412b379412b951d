"""The figures of a daily chart as a table: for readers who cannot see it, or who want the cents."""

from collections.abc import Sequence
from datetime import date

from portal.components.formats import amount, cents
from portal.components.rounding import displayed_parts
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import day


def daily_table(
    days: Sequence[date],
    series: Sequence[tuple[str, Sequence[int | None]]],
    currency: str,
    provisional_from: date | None,
) -> Table:
    """One line a day, one column a series, totals on both sides. Every line adds up to its own total."""
    places = cents(currency)
    rows = [
        Row([_day_cell(each, provisional_from), *_line([nano[index] for _, nano in series], places)])
        for index, each in enumerate(days)
    ]
    sums = [_sum(nano) for _, nano in series]
    columns = [
        Column("Day"),
        *(Column(name, numeric=True) for name, _ in series),
        Column("Total", numeric=True),
    ]
    return Table(
        title="Daily cost",
        caption=f"{currency.upper()}; every line is rounded so that it adds up to its own total",
        columns=columns,
        rows=rows,
        foot=[Row([Cell("Total"), *_line(sums, places)])],
    )


def _day_cell(each: date, provisional_from: date | None) -> Cell:
    provisional = provisional_from is not None and each >= provisional_from
    return Cell(day(each), tag=Tag("provisional", "warn") if provisional else None)


def _line(parts: Sequence[int | None], places: int) -> list[Cell]:
    shown = displayed_parts(parts, places)
    return [Cell(amount(nano, places)) for nano in [*shown, _sum(shown)]]


def _sum(parts: Sequence[int | None]) -> int | None:
    """The sum of what is known; unknown when nothing is."""
    known = [nano for nano in parts if nano is not None]
    return sum(known) if known else None
