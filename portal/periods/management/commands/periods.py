"""`manage.py periods`: where months stand; with a step and a month: take it."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attribution.domain.months import parse_month
from attribution.queries.periods import periods
from portal.periods.operations import DEEDS, checks, take


class Command(BaseCommand):
    """A closed month takes no write; two people close it, and two open it again."""

    help = "List months, show a month's checklist, or take a step of one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing: the list. A step and a month: take it."""
        parser.add_argument("step", nargs="?", choices=["check", *DEEDS])
        parser.add_argument("month", nargs="?", metavar="YYYY-MM")
        parser.add_argument("--by", default="", metavar="USER", help="who takes the step")
        parser.add_argument("--words", default="", help="the reason, or why so much is unallocated")

    def handle(
        self, *args: Any, step: str | None, month: str | None, by: str, words: str, **options: Any
    ) -> None:
        """List, check or take, or say why not."""
        if step is None:
            self._list()
            return
        if month is None:
            raise CommandError(f"{step} needs a month such as 2026-03")
        try:
            first = parse_month(month)
            if step == "check":
                self._check(first)
                return
            done = take(step, month=first, by=by, now=datetime.now(UTC), words=words)
        except ValueError as refusal:  # CannotStep is one
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{month} is {done.state.value.replace('_', ' ')}: {step}, by {by}")

    def _list(self) -> None:
        for one in periods():
            waiting = one.waiting
            note = f", {waiting.deed} asked for by {waiting.requested_by}" if waiting else ""
            digest = one.closings[-1].content_hash if one.closings else None
            kept = f", {digest.hex()}" if digest and one.state == "closed" else ""
            self.stdout.write(f"{one.month:%Y-%m}  {one.state.value.replace('_', ' ')}{note}{kept}")

    def _check(self, month: date) -> None:
        items = checks(month, now=datetime.now(UTC))
        for item in items:
            self.stdout.write(f"{'ok    ' if item.passed else 'FAILS '} {item.key:12} {item.why}")
        if not all(item.passed for item in items):
            raise CommandError(f"{month:%Y-%m} cannot be closed")
