"""`manage.py apply FILE`: make the installation what a fleet.toml says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingest.fleet.apply import Applied, apply_fleet, read_fleet
from ingest.fleet.diff import Verb
from ingest.fleet.mistakes import BadFleet

_SIGNS = {Verb.ADD: "+", Verb.CHANGE: "~", Verb.REMOVE: "-", Verb.RETIRE: "o"}


class Command(BaseCommand):
    """Nothing is applied when anything in the file is wrong."""

    help = "Validate a fleet.toml, show what it changes, and apply it. Applying it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="such as fleet.toml; docs/fleet.md describes it")
        parser.add_argument("--dry-run", action="store_true", help="show the difference and change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        """Read, judge, compare, apply, and say what happened."""
        try:
            applied = apply_fleet(fleet=read_fleet(Path(file)), dry_run=dry_run)
        except BadFleet as bad:
            count = "one mistake" if len(bad.mistakes) == 1 else f"{len(bad.mistakes)} mistakes"
            raise CommandError(f"{count}, nothing was applied:\n{bad}") from None
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from None
        self._show(applied, dry_run)

    def _show(self, applied: Applied, dry_run: bool) -> None:
        for change in applied.changes:
            details = f": {change.details}" if change.details else ""
            self.stdout.write(f"{_SIGNS[change.verb]} {change.title}{details}")
        for name in applied.kept:
            self.stdout.write(f"  {name} is not in the file; kept, because facts may name it")
        for words in applied.held:
            self.stdout.write(f"= {words}")
        self.stdout.write(_summary(applied, dry_run))


def _summary(applied: Applied, dry_run: bool) -> str:
    if not applied.changes and not applied.held:
        return "nothing to do: everything is as the file says"
    counts = [(verb, sum(change.verb is verb for change in applied.changes)) for verb in Verb]
    if not applied.changes:
        return "nothing to do beside what approved changes hold"
    parts = [f"{count} {_PAST[verb]}" for verb, count in counts if count]
    windows = f"; {applied.windows:,} hours to attribute again" if applied.windows else ""
    return ("dry run, nothing was applied: " if dry_run else "applied: ") + ", ".join(parts) + windows


_PAST = {Verb.ADD: "added", Verb.CHANGE: "changed", Verb.REMOVE: "removed", Verb.RETIRE: "retired"}
