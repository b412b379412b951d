"""`manage.py ingest`: read a span of a live source, or files of telemetry."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from attribution.domain.hours import HOUR, floor_hour, hour_count
from ingest.models import Connection
from ingest.operations.import_openmetrics import import_openmetrics
from ingest.operations.pull import pull_window
from ingest.queries.feeds import unread_spans
from ingest.sources.errors import SourceError


class Command(BaseCommand):
    """Backfill. What is complete already is not read again, so that a stopped run goes on where it was."""

    help = "Read a span of a Prometheus source, or OpenMetrics files. Times are ISO 8601 UTC, ends exclusive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--source", required=True, help="name of the source in fleet.toml")
        parser.add_argument(
            "--from", dest="start", type=_moment, help="first hour, such as 2026-03-01T00:00Z"
        )
        parser.add_argument("--to", dest="end", type=_moment, help="end, not included")
        parser.add_argument("--again", action="store_true", help="read complete hours once more")
        parser.add_argument("files", nargs="*", type=Path, help="OpenMetrics files, for such a source")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the source and do what its kind calls for."""
        try:
            connection = Connection.objects.select_related("source").get(source__name=options["source"])
        except Connection.DoesNotExist:
            names = ", ".join(
                Connection.objects.order_by("source__name").values_list("source__name", flat=True)
            )
            raise CommandError(f"no source {options['source']!r}; there are: {names or 'none'}") from None
        if connection.source.kind == "openmetrics":
            self._files(connection, options["files"])
        elif connection.source.kind == "prometheus":
            self._span(connection, options)
        else:
            raise CommandError(f"{connection.source.name} is a source of kind {connection.source.kind}")

    def _files(self, connection: Connection, files: list[Path]) -> None:
        if not files:
            raise CommandError("name the files to read")
        try:
            done = import_openmetrics(source_id=connection.source_id, files=files, now=datetime.now(UTC))
        except (SourceError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{done.samples:,} samples of {done.series:,} series in {done.hours:,} hours; "
            f"{done.rejected:,} rejected"
        )

    def _span(self, connection: Connection, options: dict[str, Any]) -> None:
        start, end = options["start"], options["end"]
        if start is None or end is None or end <= start:
            raise CommandError("--from and --to are needed, and --to comes after --from")
        start, end = floor_hour(start), floor_hour(start) + _hours(start, end)
        runs = unread_spans(connection.source_id, start, end, again=options["again"])
        failed, samples, rejected = [], 0, 0
        with _bar() as progress:
            total = hour_count(start, end)
            left = sum(hour_count(*run) for run in runs)
            bar = progress.add_task(connection.source.name, total=total, completed=total - left)
            for first, last in runs:
                for part in pull_window(
                    source_id=connection.source_id, start=first, end=last, now=datetime.now(UTC)
                ):
                    samples, rejected = samples + part.samples, rejected + part.rejected
                    failed += [f"{part.span.hour(0):%Y-%m-%dT%H:%MZ}: {part.error}"] if part.error else []
                    progress.advance(bar, part.span.hours)
        self.stdout.write(f"{samples:,} samples in {left:,} of {total:,} hours; {rejected:,} rejected")
        if failed:
            raise CommandError("incomplete, will be tried again:\n" + "\n".join(failed))


def _hours(start: datetime, end: datetime) -> timedelta:
    return hour_count(start, end) * HOUR


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("hours"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
