"""Hours in UTC, and the local days that own them.

The unit of attribution is the UTC hour `[start, start + 1 h)`. A day in the reporting time zone owns
the hours whose *start* falls in it, so every hour has exactly one day: the days of a range sum to the
range, with daylight saving and in zones that are half an hour off.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

HOUR = timedelta(hours=1)


def floor_hour(moment: datetime) -> datetime:
    """Return the start of the UTC hour that holds a moment; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def floor_day(moment: datetime) -> datetime:
    """Return the start of the UTC day that holds a moment; ValueError for a naive one."""
    return floor_hour(moment).replace(hour=0)


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the start of every UTC hour that `[start, end)` touches, the earliest first."""
    hour = floor_hour(start)
    while hour < end:
        yield hour
        hour += HOUR


def hour_count(start: datetime, end: datetime) -> int:
    """Return how many UTC hours `[start, end)` touches; 0 when it is empty."""
    if end <= start:
        return 0
    return -((floor_hour(start) - end.astimezone(UTC)) // HOUR)


def local_day(hour: datetime, tz: tzinfo) -> date:
    """Return the local day that owns a UTC hour: the one in which the hour starts."""
    return floor_hour(hour).astimezone(tz).date()


def day_bounds(day: date, tz: tzinfo) -> tuple[datetime, datetime]:
    """Return `[start, end)` in UTC of the hours that a local day owns.

    Both are whole hours: where midnight falls within an hour, that hour is the day's before. A day
    that a zone left out (Samoa, 30 December 2011) owns none: its start is its end.
    """
    return _first_hour(day, tz), _first_hour(day + timedelta(days=1), tz)


def _first_hour(day: date, tz: tzinfo) -> datetime:
    """Return the first UTC hour whose local day is this one or a later one."""
    # The first of two midnights, or the end of the gap that swallowed it, lies in this hour.
    hour = floor_hour(datetime.combine(day, time(), tz))
    while local_day(hour, tz) < day:
        hour += HOUR
    return hour
