"""`manage.py attribute --from T --to T`: dirty windows become ledger versions."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import Progress

from attribution.operations.attribute_windows import attribute_range
from attribution.operations.windows import mark_span_dirty
from attribution.queries.dirty import dirty_count


def moment(text: str) -> datetime:
    """An ISO 8601 time; UTC where it names no zone."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r}: expected an ISO 8601 time such as 2026-11-01T00:00:00Z") from None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Command(BaseCommand):
    """Attribute what is dirty in a range; `--again` makes all of it dirty first."""

    help = "Turn the facts of a range of hours into balanced ledger versions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Times are ISO 8601 UTC, ends exclusive."""
        parser.add_argument("--from", dest="start", required=True, type=moment)
        parser.add_argument("--to", dest="end", required=True, type=moment)
        parser.add_argument("--again", action="store_true", help="attribute all windows, dirty or not")

    def handle(self, *args: Any, start: datetime, end: datetime, again: bool, **options: Any) -> None:
        """Attribute with a progress bar, and say what happened."""
        if end <= start:
            raise CommandError(f"--to {end:%Y-%m-%dT%H:%MZ} is not after --from {start:%Y-%m-%dT%H:%MZ}")
        if again:
            mark_span_dirty(cluster_id=None, start=start, end=end)
        with Progress(transient=True) as progress:
            bar = progress.add_task("attributing", total=dirty_count(start, end))
            done = attribute_range(start, end, progress=lambda count: progress.advance(bar, count))
        self.stdout.write(f"{done.windows} windows attributed, {done.published} of them changed")
        if done.late:
            self.stdout.write(
                f"{done.late} windows are of dropped rows: their facts are kept, nothing is posted"
            )
        if done.failed:
            raise CommandError(f"{done.failed} windows failed; data health and the log say why")
