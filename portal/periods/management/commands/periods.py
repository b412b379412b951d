"""`manage.py periods`: where months stand; with `check` and a month: what is missing before it is closed."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.domain.months import parse_month
from attribution.queries.late import late_facts
from attribution.queries.periods import PeriodState, period, periods
from portal.periods.operations import checks


class Command(BaseCommand):
    """Closing and opening are changes that people agree to, signed in: no command does it in their name."""

    help = "List months, or show a month's checklist."

    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing: the list."""
        parser.add_argument("check", nargs="?", choices=["check"])
        parser.add_argument("month", nargs="?", metavar="YYYY-MM")

    def handle(self, *args: Any, check: str | None, month: str | None, **options: Any) -> None:
        """List or check; fails where an open month cannot be closed."""
        if check is None:
            self._list()
            return
        try:
            self._check(parse_month(month or ""))
        except ValueError as refusal:
            raise CommandError(str(refusal)) from None

    def _list(self) -> None:
        late = late_facts()
        for one in periods():
            waiting = one.waiting
            note = (
                f", {waiting.deed} asked for by {waiting.requested_by} (change {waiting.change_id})"
                if waiting
                else ""
            )
            digest = one.closings[-1].content_hash if one.closings else None
            kept = f", {digest.hex()}" if digest and one.state == "closed" else ""
            if one.dropped_at:
                kept += ", rows dropped"
            if one.month in late:
                kept += f", facts of {late[one.month].hours} dropped hours came later and are not posted"
            self.stdout.write(f"{one.month:%Y-%m}  {one.state.value.replace('_', ' ')}{note}{kept}")

    def _check(self, month: date) -> None:
        if period(month).state is PeriodState.CLOSED:
            self.stdout.write(f"{month:%Y-%m} is closed; `verify_periods` says whether it holds")
            return
        items = checks(month, now=datetime.now(UTC))
        for item in items:
            self.stdout.write(f"{'ok    ' if item.passed else 'FAILS '} {item.key:12} {item.why}")
        if not all(item.passed for item in items):
            raise CommandError(f"{month:%Y-%m} cannot be closed")
