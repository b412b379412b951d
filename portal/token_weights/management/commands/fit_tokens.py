"""`manage.py fit_tokens --from T --to T --by ACCOUNT`: fit token weights and propose them."""

from datetime import UTC, datetime
from typing import Any, TextIO, cast

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attribution.management.commands.attribute import moment
from attribution.operations.propose_fits import propose_fits
from attribution.queries.token_fits import TokenFitRow, token_fit_row
from portal.accounts.management.named import person_named


class Command(BaseCommand):
    """Prints what was proposed and what was refused, with the reasons; approving is somebody else's."""

    help = "Fit token weights from what engines did in a range of hours, and propose them for approval."

    def add_arguments(self, parser: CommandParser) -> None:
        """Times are ISO 8601 UTC, ends exclusive."""
        parser.add_argument("--from", dest="start", required=True, type=moment)
        parser.add_argument("--to", dest="end", required=True, type=moment)
        parser.add_argument("--by", required=True, metavar="ACCOUNT", help="of whoever proposes")
        parser.add_argument("--service", metavar="NAME", help="only the weights that this service goes by")
        parser.add_argument("--valid-from", type=moment, metavar="T", help="default: the start of the data")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fit, keep and print."""
        start, end = options["start"], options["end"]
        if end <= start:
            raise CommandError(f"--to {end:%Y-%m-%dT%H:%MZ} is not after --from {start:%Y-%m-%dT%H:%MZ}")
        person = person_named("--by", options["by"])
        try:
            fits = propose_fits(
                start=start,
                end=end,
                proposed_by=person.name,
                now=datetime.now(UTC),
                service=options["service"],
                valid_from=options["valid_from"],
            )
        except ValueError as refusal:
            raise CommandError(str(refusal)) from None
        rows = [token_fit_row(fit) for fit in fits]
        if options["format"] == "json":
            self.stdout.write(msgspec.json.format(msgspec.json.encode(rows)).decode())
            return
        console = Console(file=cast(TextIO, self.stdout), width=110, highlight=False)
        for row in rows:
            console.print(_table(row))
        if not rows:
            console.print("no hour of this range has device time and tokens of one model on one accelerator")


def _table(row: TokenFitRow) -> Table:
    found = row.evidence
    title = f"fit {row.fit_id}: {row.model} on {row.accelerator} ({row.runtime or 'no runtime'}), {row.state}"
    table = Table(title=Text(title), title_justify="left")
    for heading in ("", "µs of device time per token", "95 % interval", "share of busy time"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, estimate in found["estimates"].items():
        if name != "idle":
            table.add_row(name, *_cells(estimate))
    table.add_section()
    table.add_row("explained", _percent(found["explained"]), "", f"by {found['method']}")
    table.add_row("residual", _percent(found["residual"]), "", "of mean busy time")
    table.add_row("drift", _percent(found["drift"]), "", "between the halves")
    table.add_row("hours", str(found["hours"]), "", f"tokens: {found['tokens_counted_by']}")
    for reason, hours in found["left_out"].items():
        table.add_row(f"left out: {reason}", str(hours))
    for reason in found["refusals"]:
        table.add_row(Text(f"refused: {reason}", style="bold"))
    return table


def _cells(estimate: dict[str, Any]) -> tuple[str, str, str]:
    if estimate["value"] is None:
        return "–", "–", estimate["note"] or "–"
    interval = f"{estimate['low']:.3f} to {estimate['high']:.3f}"
    return f"{estimate['value']:.3f}", interval, _percent(estimate["share"])


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
