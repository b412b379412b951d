"""`manage.py ecb_rates`: the ECB's rates as `[[rate]]` tables, to be put into fleet.toml."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.sources.ecb.rates import DayRate, EcbRates, NoRate


class Command(BaseCommand):
    """Writes text only: rates are declared, reviewed and applied like everything else in fleet.toml."""

    help = "Print the ECB's reference rates as [[rate]] tables for fleet.toml; --to is not included."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--from-currency", required=True, help="such as USD")
        parser.add_argument("--to-currency", required=True, help="such as EUR")
        parser.add_argument("--from", dest="start", type=date.fromisoformat, required=True, help="2026-10-01")
        parser.add_argument("--to", dest="end", type=date.fromisoformat, required=True, help="not included")
        parser.add_argument(
            "--every", choices=("day", "month"), default="day", help="a month: its last day's"
        )
        parser.add_argument("--file", type=Path, help="the ECB's eurofxref-hist.zip; else the package's copy")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look all up, then print."""
        start, end = options["start"], options["end"]
        if end <= start:
            raise CommandError("--to comes after --from")
        base, quote = options["from_currency"].upper(), options["to_currency"].upper()
        spans = list(_months(start, end) if options["every"] == "month" else _days(start, end))
        try:
            rates = EcbRates(options["file"])
            found = [
                (first, after, rates.on(base, quote, after - timedelta(days=1))) for first, after in spans
            ]
        except NoRate as error:
            raise CommandError(str(error)) from None
        for first, after, rate in found:
            self.stdout.write(_table(first, after, rate))
        carried = sum(rate.carried for _, _, rate in found)
        self.stderr.write(
            f"{len(found)} rates, {carried} of an earlier published day; the newest there is: {rates.newest}"
        )


def _days(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start < end:
        yield start, start + timedelta(days=1)
        start += timedelta(days=1)


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start < end:
        after = min((start.replace(day=1) + timedelta(days=32)).replace(day=1), end)
        yield start, after
        start = after


def _table(first: date, after: date, rate: DayRate) -> str:
    note = (
        f"  # nothing was published on {rate.day:%A}, {rate.day}: the last published day stands"
        if rate.carried
        else ""
    )
    return (
        f'[[rate]]\nfrom_currency = "{rate.base}"\nto_currency = "{rate.quote}"\nrate = "{rate.rate:f}"\n'
        f'source = "ECB"\ndate = "{rate.dated}"{note}\nfrom = "{first}"\nto = "{after}"\n'
    )
