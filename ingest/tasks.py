"""Celery shells: decode arguments, call one operation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from celery import shared_task

from ingest.operations.feed import put_off
from ingest.operations.import_bill import import_bill
from ingest.operations.import_requests import import_requests
from ingest.operations.pull import pull_window
from ingest.operations.pull_bills import pull_bills
from ingest.queries.bill_places import bill_places
from ingest.queries.feeds import open_hours, retries_due
from ingest.queries.watched import watched_news
from ingest.sources.errors import SourceError
from ingest.sources.rejected import RefusedFile

# Longer than a task may take.
UNDER_WAY = timedelta(minutes=15)
# No further run of a bill is begun after this; the next round goes on with the rest.
BILLS_AT_MOST = timedelta(minutes=4)


@shared_task(name="ingest.pull_open_hours")
def pull_open_hours() -> int:
    """Ask for the open hour of every live source, the one before, and what is due again."""
    now = datetime.now(UTC)
    again = retries_due(now)
    for source_id, start, end in again:
        # The next round must not send for them once more while this one is under way.
        put_off(source_id=source_id, start=start, end=end, until=now + UNDER_WAY)
    due = open_hours(now) + again
    for source_id, start, end in due:
        pull.delay(source_id, start.isoformat(), end.isoformat())
    return len(due)


@shared_task(name="ingest.pull")
def pull(source_id: int, start: str, end: str) -> dict[str, int]:
    """Read [start, end) (ISO 8601, full hours) of a live source, unless somebody reads it just now."""
    parts = list(
        pull_window(
            source_id=source_id,
            start=datetime.fromisoformat(start),
            end=datetime.fromisoformat(end),
            now=datetime.now(UTC),
            wait=False,
        )
    )
    return {"samples": sum(part.samples for part in parts), "failed": sum(bool(part.error) for part in parts)}


@shared_task(name="ingest.import_watched")
def import_watched() -> int:
    """Import what is new in watched folders; a doubled message finds the same content: no change."""
    news = watched_news(datetime.now(UTC))
    for found in news:
        import_path.delay(found.source_name, found.kind, str(found.path))
    return len(news)


@shared_task(name="ingest.import_path", throws=(RefusedFile,))
def import_path(source_name: str, kind: str, path: str) -> None:
    """Import one folder or file of a source; a refusal is kept with its batch, for data health to show."""
    load = import_bill if kind == "focus" else import_requests
    load(source_name=source_name, paths=[Path(path)], now=datetime.now(UTC))


@shared_task(name="ingest.pull_all_bills")
def pull_all_bills() -> int:
    """Look into every folder and bucket where a provider leaves bills."""
    names = bill_places()
    for name in names:
        pull_bills_of.delay(name)
    return len(names)


@shared_task(name="ingest.pull_bills_of", throws=(SourceError,))
def pull_bills_of(source_name: str) -> dict[str, int]:
    """Take what is new in a source's place; data health shows what waits and what does not answer."""
    now = datetime.now(UTC)
    pulled = pull_bills(source_name=source_name, now=now, until=now + BILLS_AT_MOST)
    return {state: sum(each.state == state for each in pulled) for state in {each.state for each in pulled}}
