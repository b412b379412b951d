"""How times are written: in one reporting zone that is always named, ends of days as 24:00."""

import re
from datetime import date, datetime, timedelta, tzinfo

from portal.components.formats import DASH

DAY = timedelta(days=1)
# What evidence and refusals write: a moment of UTC, or a day; a time without a zone stays as it is.
_ISO = re.compile(
    r"(?<![\w./:-])(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00| UTC))?\b(?![T:-]|\s\d\d:)"
)


def _day(value: date) -> str:
    return f"{value.day} {value:%b}"


def day(value: date | None) -> str:
    """21 Nov 2026."""
    return DASH if value is None else f"{_day(value)} {value.year}"


def span(first: date, last: date) -> str:
    """Two days, both inclusive, in words: 1–22 Nov 2026."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    if first.month != last.month:
        return f"{_day(first)} – {day(last)}"
    return f"{first.day}–{day(last)}"


def stretch(start: datetime, end: datetime, zone: tzinfo) -> str:
    """A stretch of time whose end is exclusive: days where it begins and ends with one, else moments."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if start < end and not any((each.hour, each.minute, each.second) != (0, 0, 0) for each in (first, last)):
        return span(first.date(), last.date() - DAY)
    return f"{moment(start, zone)} – {moment(end, zone)}"


def zone_name(moment: datetime, zone: tzinfo) -> str:
    """UTC, or CET, or +05:30 where a zone has no letters."""
    name = moment.astimezone(zone).tzname() or ""
    return name if name.isalpha() else moment.astimezone(zone).strftime("%Z")


def moment(value: datetime | None, zone: tzinfo) -> str:
    """21 Nov 2026 14:05 UTC."""
    if value is None:
        return DASH
    local = value.astimezone(zone)
    return f"{day(local.date())} {local:%H:%M} {zone_name(value, zone)}"


def in_words(text: str, zone: tzinfo) -> str:
    """A sentence of the product's own with its ISO times and days as pages write them."""

    def written(found: re.Match[str]) -> str:
        try:
            if not found["time"]:
                return day(date.fromisoformat(found["day"]))
            return moment(datetime.fromisoformat(f"{found['day']}T{found['time']}+00:00"), zone)
        except ValueError:  # 2026-13-45 is a number of something else
            return found[0]

    return _ISO.sub(written, text)


def through(end: datetime, zone: tzinfo) -> str:
    """The exclusive end of a complete stretch; midnight belongs to the day it ends: 21 Nov 24:00 UTC."""
    local = end.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return f"{_day(local.date() - DAY)} 24:00 {zone_name(end, zone)}"
    return f"{_day(local.date())} {local:%H:%M} {zone_name(end, zone)}"


def duration(length: timedelta | None) -> str:
    """The two largest units: 3 h 10 min, 2 d 4 h, 45 s."""
    if length is None:
        return DASH
    seconds = int(length.total_seconds())
    if seconds < 0:
        return f"\N{MINUS SIGN}{duration(-length)}"
    if seconds < 60:
        return f"{seconds} s"
    sizes = (("d", 86400), ("h", 3600), ("min", 60))
    parts = []
    for unit, size in sizes:
        number, seconds = divmod(seconds, size)
        parts.append((number, unit))
    start = next(index for index, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[start : start + 2] if number)
