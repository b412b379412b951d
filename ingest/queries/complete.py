"""Up to when the feeds have said all they know."""

from datetime import datetime

from ingest.models import FeedHour, FeedStatus


def feeds_complete_through(start: datetime | None = None, end: datetime | None = None) -> datetime | None:
    """The start of the first hour in [start, end) that an active source has not read whole; None if none."""
    hours = FeedHour.objects.filter(status=FeedStatus.INCOMPLETE, source__active=True)
    if start is not None:
        hours = hours.filter(hour__gte=start)
    if end is not None:
        hours = hours.filter(hour__lt=end)
    return hours.order_by("hour").values_list("hour", flat=True).first()
