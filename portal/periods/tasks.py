"""Celery shells."""

from datetime import UTC, datetime

from celery import shared_task

from portal.periods.exporting import write_asked


@shared_task(name="periods.write_asked_exports")
def write_asked_exports() -> int:
    """Write the months that people asked for on their pages; returns how many."""
    return write_asked(datetime.now(UTC))
