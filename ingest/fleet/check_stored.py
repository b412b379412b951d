"""What a file may not change of what is there already."""

from collections.abc import Iterable, Iterator

from attribution.queries.periods import firm_months
from ingest.fleet.diff import Change
from ingest.fleet.mistakes import Mistake
from ingest.fleet.spec import Organization, Source
from ingest.models import Batch, FeedHour
from ingest.sources.bill_kinds import BILL_KINDS


def check_stored(changes: Iterable[Change]) -> Iterator[Mistake]:
    """A source whose facts are there keeps its kind and its cluster: its facts would stay behind.

    The reporting time zone says which hours are a month's, so it stays while a month is in review or closed.
    """
    for change in changes:
        if isinstance(change.new, Organization):
            yield from _check_zone(change, change.new)
        if change.old is None or not isinstance(old := change.old.row, Source):
            continue
        new = change.new
        if not isinstance(new, Source) or not _has_facts(change.old.pk):
            continue
        for key in ("kind", "cluster"):
            # A bill is placed anew whenever that matters, so its source may move.
            if getattr(old, key) == getattr(new, key) or (key == "cluster" and old.kind in BILL_KINDS):
                continue
            expected = f'"{getattr(old, key)}", where its facts are (or a source of another name)'
            yield new.place.mistake(key, expected, f'"{getattr(new, key)}"')


def _check_zone(change: Change, new: Organization) -> Iterator[Mistake]:
    old = change.old.row if change.old else None
    zone = old.reporting_time_zone if isinstance(old, Organization) else "UTC"
    if new.reporting_time_zone != zone and (firm := firm_months()):
        expected = f'"{zone}", as long as {firm[0]:%Y-%m} is in review or closed'
        yield new.place.mistake("reporting_time_zone", expected, f'"{new.reporting_time_zone}"')


def _has_facts(source_id: int) -> bool:
    return (
        FeedHour.objects.filter(source_id=source_id).exists()
        or Batch.objects.filter(source_id=source_id).exists()
    )
