"""The hours of a range, and whether they are whole days of the reporting time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attribution.domain.hours import HOUR, day_bounds, floor_hour, local_day


@dataclass(frozen=True)
class Span:
    """Hours that *start* in [start, end), as bounds on the hour; `days` is [first, after last) or None.

    `days` is set when the hours are exactly those that whole local days own: then roll-ups can answer.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    days: tuple[date, date] | None

    def parameters(self) -> dict[str, Any]:
        """Parameters that statements over lines and over days share."""
        first, after = self.days or (None, None)
        return {
            "start": self.start,
            "end": self.end,
            "zone": self.zone.key,
            "first_day": first,
            "after_day": after,
        }


def span_of(start: datetime, end: datetime, zone: ZoneInfo) -> Span:
    """The span of aware times; ValueError when it is empty or naive."""
    if end <= start:
        raise ValueError(f"{end.isoformat()} is not after {start.isoformat()}")
    first, after = _next_hour(start), _next_hour(end)
    if after == first:
        return Span(first, after, zone, None)
    first_day, last_day = local_day(first, zone), local_day(after - HOUR, zone)
    whole = day_bounds(first_day, zone)[0] == first and day_bounds(last_day, zone)[1] == after
    return Span(first, after, zone, (first_day, last_day + timedelta(days=1)) if whole else None)


def _next_hour(moment: datetime) -> datetime:
    hour = floor_hour(moment)
    return hour if hour == moment.astimezone(UTC) else hour + HOUR
