"""Which hours of which sources are to be read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from attribution.domain.hours import HOUR, floor_hour, hours
from ingest.models import Connection, FeedHour, FeedStatus

# After a longer silence of ours an operator backfills with the command.
CATCH_UP = timedelta(hours=24)


class Due(NamedTuple):
    """Hours of a source that want reading."""

    source_id: int
    start: datetime
    end: datetime


def live_connections() -> list[Connection]:
    """Connections that are asked by the schedule."""
    rows = Connection.objects.filter(source__kind="prometheus", source__active=True)
    return list(rows.select_related("source").order_by("source_id"))


def open_hours(now: datetime) -> list[Due]:
    """For every live source: the open hour, the one before, and up to a day that was missed before those."""
    this = floor_hour(now)
    due = []
    for connection in live_connections():
        complete = FeedHour.objects.filter(
            source_id=connection.source_id,
            status=FeedStatus.COMPLETE,
            hour__gte=this - CATCH_UP,
            hour__lt=this,
        )
        last = complete.order_by("-hour").values_list("hour", flat=True).first()
        start = this - HOUR if last is None else min(last + HOUR, this - HOUR)
        due.append(Due(connection.source_id, start, this + HOUR))
    return due


def retries_due(now: datetime) -> list[Due]:
    """Hours whose next try is due, neighbours together, at most a day for one task."""
    waiting = FeedHour.objects.filter(
        next_try_at__lte=now, source__active=True, source__kind="prometheus", hour__lt=floor_hour(now) - HOUR
    ).order_by("source_id", "hour")
    due: list[Due] = []
    for source_id, hour in waiting.values_list("source_id", "hour"):
        if due and due[-1].source_id == source_id and due[-1].end == hour < due[-1].start + CATCH_UP:
            due[-1] = due[-1]._replace(end=hour + HOUR)
        else:
            due.append(Due(source_id, hour, hour + HOUR))
    return due


def unread_spans(
    source_id: int, start: datetime, end: datetime, *, again: bool = False
) -> Sequence[tuple[datetime, datetime]]:
    """Runs of hours of [start, end) that are not complete, or all of them `again`."""
    complete = FeedHour.objects.filter(
        source_id=source_id, hour__gte=start, hour__lt=end, status=FeedStatus.COMPLETE
    )
    done = set() if again else set(complete.values_list("hour", flat=True))
    runs: list[tuple[datetime, datetime]] = []
    for hour in hours(start, end):
        if hour in done:
            continue
        if runs and runs[-1][1] == hour:
            runs[-1] = runs[-1][0], hour + HOUR
        else:
            runs.append((hour, hour + HOUR))
    return runs
