"""The first month of the demo is closed by two people and corrected later; a second one is in review."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.periods import PeriodState, period
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.forms import asked_from
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import draft_change
from portal.approvals.operations.carry_out import go_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import who_is
from portal.demo.bills.colocation import PAYEE, colocation_rows
from portal.demo.bills.row import Row, write_bill
from portal.demo.span import Span
from portal.demo.users import make_users, user_named
from portal.demo.world import World

WHY = "Weekends of the rented machines, and the L40S that nobody has priced yet."
SOURCE = "fjord-bill"


def close_months(folder: Path, world: World, span: Span) -> None:
    """Nothing where no month is over, or it was done before. Raises CannotChange where a month fails."""
    make_users()
    over = [month for month in span.months() if month[1] <= span.end]
    for number, (start, end) in enumerate(over):
        if period(start.date()).state is not PeriodState.OPEN:
            continue
        change = _ask(start, span)
        if number == 0:
            _agree(change, span)
            _correct(folder, world, span, (start, end))


def _ask(month: datetime, span: Span) -> ChangeRequest:
    """Frida asks, and the month is in review."""
    post = {"period": f"{month:%Y-%m}", "explanation": WHY}
    frida = who_is(user_named("frida"))
    change = draft_change(asked_from(Kind.PERIOD_CLOSE, post, None), who=frida, now=span.end)
    return submit_change(change.pk, who=frida, now=span.end)


def _agree(change: ChangeRequest, span: Span) -> None:
    """Pavel agrees, and the month is closed. Raises RuntimeError where it could not be."""
    pavel = who_is(user_named("pavel"))
    decide_change(change.pk, agrees=True, seen=change.hash, who=pavel, now=span.end)
    done = go_on(change.pk, now=span.end)
    if done.state != State.CARRIED_OUT:
        raise RuntimeError(f"{done} is {done.state}")


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
