"""Celery shells: decode arguments, call one operation."""

from datetime import UTC, datetime, timedelta

from celery import shared_task

from attribution.operations.attribute_windows import attribute_range
from attribution.operations.partitions import make_partitions
from attribution.queries.dirty import dirty_span


@shared_task(name="attribution.attribute_dirty")
def attribute_dirty() -> dict[str, int]:
    """Attribute what is dirty; the sweeper that finds what a lost message has left behind.

    A doubled message finds nothing to do: windows are claimed by row locks.
    """
    span = dirty_span()
    if span is None:
        return {"windows": 0, "published": 0}
    return attribute_range(*span)._asdict()


@shared_task(name="attribution.make_partitions_ahead")
def make_partitions_ahead() -> int:
    """This month's partitions and those of the next two; returns how many were new."""
    now = datetime.now(UTC)
    return make_partitions(now, now + timedelta(days=62))
