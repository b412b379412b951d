"""Celery shells: decode arguments, call one operation."""

from datetime import UTC, datetime, timedelta

from celery import shared_task

from attribution.operations.attribute_windows import (
    NOTHING,
    all_clusters,
    attribute_range,
    make_silent_windows,
)
from attribution.operations.partitions import make_partitions
from attribution.operations.periods.pieces import keep_pieces, months_to_close
from attribution.queries.dirty import dirty_span

# Hours of declared nodes are looked for this far back, also when nothing has been heard of them.
SILENCE = timedelta(days=2)


@shared_task(name="attribution.attribute_dirty")
def attribute_dirty() -> dict[str, int]:
    """Attribute what is dirty; the sweeper that finds what a lost message has left behind.

    A doubled message finds nothing to do: windows are claimed by row locks.
    """
    now = datetime.now(UTC)
    for cluster_id in all_clusters():
        make_silent_windows(cluster_id, now - SILENCE, now)
    span = dirty_span()
    return (attribute_range(*span) if span else NOTHING)._asdict()


@shared_task(name="attribution.make_partitions_ahead")
def make_partitions_ahead() -> int:
    """This month's partitions and those of the next two; returns how many were new."""
    now = datetime.now(UTC)
    return make_partitions(now, now + timedelta(days=62))


@shared_task(name="attribution.keep_pieces")
def keep_pieces_of_months() -> int:
    """Hash what months that may be closed say, so that nobody waits for it; returns how many windows."""
    return sum(keep_pieces(month) for month in months_to_close(datetime.now(UTC)))
