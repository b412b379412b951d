"""How each source does: its newest event, its hours, its files."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Max

from ingest.models import Batch, Connection, FeedHour, Rejection


class SourceHealth(NamedTuple):
    """A source. `newest` is its last sample, or where it has none (`sampled` is false) when its last file
    was taken in; None: nothing yet."""

    source_id: int
    name: str
    kind: str
    active: bool
    newest: datetime | None
    sampled: bool
    rejections: int


class ReadHour(NamedTuple):
    """The last reading of an hour; `status` complete, incomplete or empty."""

    source_id: int
    hour: datetime
    status: str
    minutes: int
    rejected: int
    warnings: Sequence[str]
    error: str
    attempts: int
    next_try_at: datetime | None


class DeliveredFile(NamedTuple):
    """What stands of a file."""

    source: str
    name: str
    status: str
    received: int
    accepted: int
    duplicate: int
    rejected: int
    error: str
    finished_at: datetime | None


def sources() -> list[SourceHealth]:
    """All declared sources, by name."""
    heard = dict(_by_source(FeedHour, "last_sample_at"))
    taken = dict(_by_source(Batch, "finished_at"))
    rejections = dict(Rejection.objects.values_list("source_id").annotate(n=Count("pk")).order_by())
    return [
        SourceHealth(
            each.source_id,
            each.source.name,
            each.source.kind,
            each.source.active,
            heard.get(each.source_id) or taken.get(each.source_id),
            bool(heard.get(each.source_id)),
            rejections.get(each.source_id, 0),
        )
        for each in Connection.objects.select_related("source").order_by("source__name")
    ]


def _by_source(model: type[FeedHour] | type[Batch], moment: str) -> list[tuple[int, datetime | None]]:
    rows = model._default_manager.values_list("source_id").annotate(newest=Max(moment)).order_by()
    return [(source_id, newest) for source_id, newest in rows]


def read_hours(start: datetime, end: datetime) -> list[ReadHour]:
    """Hours of [start, end) that were read at least once, by source and hour."""
    rows = FeedHour.objects.filter(hour__gte=start, hour__lt=end).order_by("source_id", "hour")
    fields = (
        "source_id",
        "hour",
        "status",
        "minutes",
        "rejected",
        "warnings",
        "error",
        "attempts",
        "next_try_at",
    )
    return [
        ReadHour(*row)._replace(warnings=[str(said) for said in row[5]]) for row in rows.values_list(*fields)
    ]


# Names that differ only in digits are a series: of each the newest comes first, then the next of each.
_LAST = """
    SELECT source.name, file_name, status, received, accepted, duplicate, rejected, error, finished_at
      FROM source
     CROSS JOIN LATERAL (
           SELECT *, row_number() OVER (PARTITION BY status = 'refused'
                                            ORDER BY place, started_at DESC, id DESC) AS turn
             FROM (SELECT *, row_number() OVER (PARTITION BY status = 'refused',
                                                             regexp_replace(file_name, '[0-9]+', '0', 'g')
                                                    ORDER BY started_at DESC, id DESC) AS place
                     FROM (SELECT * FROM batch WHERE source_id = source.id
                            ORDER BY started_at DESC, id DESC LIMIT 500) lately) placed) turned
     WHERE turn <= %s
     ORDER BY source.name, started_at DESC, turned.id DESC"""


def last_files(each: int) -> list[DeliveredFile]:
    """Of the last 500 files of every source the last, and as many refused ones; by source, the newest first.

    A source of many files hides no other one's, nor a daily report the bill that comes from the same source.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [each])
        return [DeliveredFile(*row) for row in cursor.fetchall()]


def files_of(source: str, limit: int = 50) -> list[DeliveredFile]:
    """The files of one source that came last, newest first."""
    fields = (
        "source__name", "file_name", "status", "received", "accepted", "duplicate", "rejected", "error",
        "finished_at",
    )  # fmt: skip
    files = Batch.objects.filter(source__name=source).order_by("-started_at", "-pk")
    return [DeliveredFile(*row) for row in files.values_list(*fields)[:limit]]
