"""Rules of the data-health page: what an hour of a source counts as, and which hours to mention."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from attribution.domain.hours import HOUR, hours
from ingest.queries.health import ReadHour
from portal.components.coverage import Cover, HourMark
from portal.components.times import moment


def marks_of_feed(
    start: datetime, end: datetime, now: datetime, read: Mapping[datetime, ReadHour]
) -> list[HourMark]:
    """A mark for each hour of [start, end); hours that are not over are expected."""
    return [_mark(hour, now, read.get(hour)) for hour in hours(start, end)]


def _mark(hour: datetime, now: datetime, read: ReadHour | None) -> HourMark:
    if hour + HOUR > now:
        return HourMark(hour, Cover.EXPECTED, "not over yet")
    if read is None:
        return HourMark(hour, Cover.MISSING, "not read")
    if read.status == "empty":
        return HourMark(hour, Cover.MISSING, "the source answered and had nothing")
    if read.status == "incomplete":
        return HourMark(hour, Cover.PARTIAL if read.minutes else Cover.MISSING, reason_of(read))
    if read.minutes < 60:
        return HourMark(hour, Cover.PARTIAL, f"{read.minutes} of 60 minutes")
    return HourMark(hour, Cover.COMPLETE)


def reason_of(read: ReadHour) -> str:
    """Why an hour is not complete, in one line."""
    said = read.error or "; ".join(read.warnings)
    return said.splitlines()[0][:200] if said else f"{read.minutes} of 60 minutes"


def marks_of_usage(
    start: datetime, end: datetime, now: datetime, requests: Mapping[datetime, int | None]
) -> list[HourMark]:
    """For request logs: hours with requests. One without any may be a quiet hour, so nothing is missing."""
    marks = []
    for hour in hours(start, end):
        if hour in requests:
            count = requests[hour]
            marks.append(HourMark(hour, Cover.COMPLETE, "" if count is None else f"{count:,} requests"))
        else:
            marks.append(
                HourMark(hour, Cover.EXPECTED, "no requests" if hour + HOUR <= now else "not over yet")
            )
    return marks


def gaps_of(marks: Sequence[HourMark], zone: tzinfo) -> str:
    """How many hours are not whole and since when, in words; "" of none."""
    gaps = [mark for mark in marks if mark.cover in (Cover.PARTIAL, Cover.MISSING)]
    if not gaps:
        return ""
    counts = Counter(mark.cover.value for mark in gaps)
    said = " and ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    return f"{said} of {len(marks)} hours, the first {moment(gaps[0].start, zone)}"


def faulty(read: Sequence[ReadHour], now: datetime) -> list[ReadHour]:
    """Hours that are over and were not read whole, newest first."""
    late = [each for each in read if each.status == "incomplete" and each.hour + HOUR <= now]
    return sorted(late, key=lambda each: each.hour, reverse=True)
