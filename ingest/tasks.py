"""Celery shells: decode arguments, call one operation."""

from datetime import UTC, datetime

from celery import shared_task

from ingest.operations.pull import pull_window
from ingest.queries.feeds import open_hours, retries_due


@shared_task(name="ingest.pull_open_hours")
def pull_open_hours() -> int:
    """Ask for the open hour of every live source, the one before, and what is due again."""
    now = datetime.now(UTC)
    due = open_hours(now) + retries_due(now)
    for source_id, start, end in due:
        pull.delay(source_id, start.isoformat(), end.isoformat())
    return len(due)


@shared_task(name="ingest.pull")
def pull(source_id: int, start: str, end: str) -> dict[str, int]:
    """Read [start, end) (ISO 8601, full hours) of a live source; a doubled message reads it twice."""
    parts = list(
        pull_window(
            source_id=source_id,
            start=datetime.fromisoformat(start),
            end=datetime.fromisoformat(end),
            now=datetime.now(UTC),
        )
    )
    return {"samples": sum(part.samples for part in parts), "failed": sum(bool(part.error) for part in parts)}
