"""An overview's rows for a spreadsheet: all of them, exact, with every unit in the header."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

from attribution.domain.money import from_nano
from attribution.queries.overview_days import OverviewDays
from portal.components.csv_cells import guarded
from portal.costs.period import DAY
from portal.costs.rows import GroupRow
from portal.costs.table import Sheet

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
HEADER = (
    "currency", "from", "to", "cost", "unpriced_lines", "status", "complete_from", "complete_to",
    "cost_of_complete_days", "baseline_from", "baseline_to", "baseline_cost", "requests",
    "successful_requests", "cost_per_successful_request",
)  # fmt: skip


def sheet_csv(sheet: Sheet, days: OverviewDays) -> Iterator[str]:
    """Lines of the file: the rows of the table in its order, not only of one page. Days are inclusive."""
    yield BOM + _line([str(sheet.asked.by), *HEADER])
    for row in sheet.rows:
        yield _line([guarded(row.name), sheet.currency, *_figures(row, days)])


def _figures(row: GroupRow, days: OverviewDays) -> list[str]:
    compared = days.base_first < days.base_after
    counted = row.requests
    return [
        days.first.isoformat(),
        (days.after - DAY).isoformat(),
        _money(row.cost.now),
        str(row.cost.unpriced_lines),
        str(row.cost.status),
        days.firm_first.isoformat() if days.firm > days.first else "",
        (days.firm - DAY).isoformat() if days.firm > days.first else "",
        _money(row.cost.firm),
        days.base_first.isoformat() if compared else "",
        (days.base_after - DAY).isoformat() if compared else "",
        _money(row.cost.before) if compared else "",
        _count(counted.requests if counted else None),
        _count(counted.successes if counted else None),
        _decimal(row.unit.value if row.unit else None),
    ]


def _money(nano: int | None) -> str:
    return "" if nano is None else format(from_nano(nano), "f")


def _decimal(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _line(cells: list[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
