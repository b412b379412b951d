"""`manage.py preview FRAGMENT.toml --from T --to T`: what a proposal would have changed."""

import csv
import json
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from attribution.operations.preview.preview import Preview, preview
from ingest.fleet.fragment import parse_fragment
from ingest.fleet.mistakes import BadFleet
from ingest.fleet.propose import propose
from portal.audit.exporting import noted_whole
from portal.exports.errors import BadParameter
from portal.exports.parameters import range_of
from portal.preview.body import COLUMNS, cells, preview_body

FORMATS = ("table", "json", "csv")


class Command(BaseCommand):
    """Writes nothing to the database; docs/preview.md tells what a fragment may say."""

    help = "Put a proposed rule, price or reserve beside what stands, over a past range. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("fragment", type=Path, help="a piece of fleet.toml with what is proposed")
        parser.add_argument("--from", dest="start", required=True, metavar="T", help="ISO 8601 day or time")
        parser.add_argument("--to", dest="end", required=True, metavar="T", help="the end, not included")
        parser.add_argument("--format", choices=FORMATS, default="table")

    def handle(self, *args: Any, fragment: Path, **options: Any) -> None:
        """Read, compute, print."""
        try:
            start, end = range_of({"from": [options["start"]], "to": [options["end"]]})
            proposal = propose(parse_fragment(fragment.read_text(encoding="utf-8"), str(fragment)))
        except BadParameter as refusal:
            raise CommandError(f"--{refusal}") from None
        except BadFleet as bad:
            raise CommandError(f"nothing can be previewed:\n{bad}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{fragment}: {error}") from None
        text = self._text(preview(start=start, end=end, proposal=proposal), options["format"])
        query = {"fragment": str(fragment), "from": options["start"], "to": options["end"]}
        self.stdout.write(noted_whole(text.encode(), object="preview", query=query).decode(), ending="")

    def _text(self, found: Preview, form: str) -> str:
        out = StringIO()
        if form == "json":
            out.write(json.dumps(preview_body(found), ensure_ascii=False) + "\n")
        elif form == "csv":
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            writer.writerows(cells(row) for row in found.by_tenant_and_use)
        else:
            self._table(found, out)
        return out.getvalue()

    def _table(self, found: Preview, out: StringIO) -> None:
        console = Console(file=out, width=140, force_terminal=self.stdout.isatty())
        parts = (("By tenant", found.by_tenant), ("By use", found.by_use), ("Total", found.totals))
        for title, rows in parts:
            table = Table(title=title, title_justify="left")
            for name in ("", "currency", "stands", "proposed", "difference"):
                table.add_column(name, justify="left" if name in ("", "currency") else "right")
            for row in rows:
                tenant, use, currency, *money = cells(row)[:6]
                name = {"By tenant": tenant or "No tenant", "By use": use, "Total": "all"}[title]
                table.add_row(str(name), currency, *("–" if each is None else each for each in money))
            console.print(table)
        for sentence in found.assumptions:
            console.print(f"Assumed: {sentence}.", highlight=False)
