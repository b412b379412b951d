"""The first month of the demo is closed by two people and corrected later; a second one is in review."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.periods import PeriodState, period
from portal.demo.bills.colocation import PAYEE, colocation_rows
from portal.demo.bills.row import Row, write_bill
from portal.demo.span import DAY, Span
from portal.demo.users import person_named
from portal.demo.world import World
from portal.periods.operations import take

WHY = "Weekends of the rented machines, and the L40S that nobody has priced yet."
SOURCE = "fjord-bill"


def close_months(folder: Path, world: World, span: Span) -> None:
    """Nothing where no month is over, or where it was done before. Raises CannotStep where a month fails."""
    over = [month for month in span.months() if month[1] <= span.end]
    for number, (start, end) in enumerate(over):
        if period(start.date()).state is not PeriodState.OPEN:
            continue
        _step("request-close", start, span, person_named("frida"), WHY)
        if number == 0:
            _step("confirm-close", start, span, person_named("pavel"))
            _correct(folder, world, span, (start, end))


def _step(deed: str, month: datetime, span: Span, by: str, words: str = "") -> None:
    take(deed, month=month.date(), by=by, now=span.end + DAY / 2, words=words)


def _correct(folder: Path, world: World, span: Span, closed: tuple[datetime, datetime]) -> None:
    """The colocation's next bill takes back a day of storage that the closed month was billed for twice."""
    later = next((month for month in span.months() if month[0] == closed[1]), None)
    if later is None:
        return
    first = max(closed[0], span.start)
    storage = next(row for row in colocation_rows(world, span) if row.payee == PAYEE and row.start >= first)
    credit: Row = replace(
        storage,
        description="NVMe object storage, a day billed twice",
        billed=Decimal("-22.1918"),
        quantity=None,
        unit=None,
        more=dict(storage.more) | {"ChargeClass": "Correction"},
    )
    rows = [row for row in colocation_rows(world, span) if later[0] <= row.start < later[1]]
    path = folder / f"{SOURCE}-corrected.csv"
    write_bill(path, [*rows, credit], later, "")
    call_command("import_bill", str(path), source=SOURCE, stdout=StringIO())
    attribute_range(*closed)
    attribute_range(later[0], min(later[1], span.end))
