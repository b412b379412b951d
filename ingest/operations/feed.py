"""Write down how each hour of a source was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ingest.models import FeedHour, FeedStatus
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span

# Scrapes and rule evaluations land a little after their minute.
SETTLE = timedelta(seconds=30)
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
_COUNTS = ["status", "series", "samples", "rejected", "minutes", "last_sample_at", "warnings"]
_TRY = ["error", "attempts", "next_try_at", "read_at"]


@dataclass(frozen=True)
class Tally:
    """What was read in each hour of a span; all [hours], `last` in epoch seconds (−1: nothing)."""

    series: NDArray[np.int64]
    samples: NDArray[np.int64]
    rejected: NDArray[np.int64]
    minutes: NDArray[np.int64]
    last: NDArray[np.int64]


def tally(readings: Sequence[Reading], span: Span) -> Tally:
    """Count series, samples, rejections, and minutes in which anything was sampled."""
    per_minute = np.zeros(span.minutes, dtype=np.int64)
    series, rejected = np.zeros((2, span.hours), dtype=np.int64)
    for reading in readings:
        values = reading.values[:, 1:] if reading.signal.is_counter else reading.values
        per_minute += reading.sampled()
        series += (~np.isnan(values)).reshape(len(values), span.hours, 60).any(axis=2).sum(axis=0)
        rejected += reading.rejected
    folded = per_minute.reshape(span.hours, 60)
    some = folded > 0
    last_minute = 59 - some[:, ::-1].argmax(axis=1)
    last = span.start + np.arange(span.hours) * 3600 + last_minute * 60
    return Tally(series, folded.sum(axis=1), rejected, some.sum(axis=1), np.where(some.any(axis=1), last, -1))


def note_read(
    *, source_id: int, span: Span, counts: Tally, scrape_interval: int | None, now: datetime
) -> None:
    """Hours that were read: complete once they and a scrape are over, empty without any sample.

    `scrape_interval` in seconds; None for a file, whose hours are as complete as they will ever be.
    """
    settling = SETTLE + timedelta(seconds=scrape_interval or 0)
    settled = span.moments()[1] if scrape_interval is None else now - settling
    rows = []
    for place in range(span.hours):
        end = span.hour(place + 1)
        over, last = end <= settled, int(counts.last[place])
        status = FeedStatus.INCOMPLETE if not over else FeedStatus.COMPLETE if last >= 0 else FeedStatus.EMPTY
        rows.append(
            FeedHour(
                source_id=source_id,
                hour=span.hour(place),
                status=status,
                series=int(counts.series[place]),
                samples=int(counts.samples[place]),
                rejected=int(counts.rejected[place]),
                minutes=int(counts.minutes[place]),
                last_sample_at=datetime.fromtimestamp(last, UTC) if last >= 0 else None,
                next_try_at=None if over else end + settling,
                read_at=now,
            )
        )
    _write(rows, [*_COUNTS, *_TRY])


def note_failure(
    *, source_id: int, span: Span, error: str, warnings: Sequence[str] = (), now: datetime
) -> None:
    """Hours that could not be read: incomplete, why, and when to try again (ever later).

    Counts of an earlier reading stay, as do the facts that it left.
    """
    moments = [span.hour(place) for place in range(span.hours)]
    earlier = dict(
        FeedHour.objects.filter(source_id=source_id, hour__in=moments).values_list("hour", "attempts")
    )
    rows = []
    for hour in moments:
        attempts = earlier.get(hour, 0) + 1
        wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 12), LAST_RETRY)
        rows.append(
            FeedHour(
                source_id=source_id,
                hour=hour,
                status=FeedStatus.INCOMPLETE,
                warnings=list(warnings),
                error=error[:2000],
                attempts=attempts,
                next_try_at=now + wait,
            )
        )
    _write(rows, ["status", "warnings", "error", "attempts", "next_try_at"])


def _write(rows: list[FeedHour], columns: list[str]) -> None:
    FeedHour.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source", "hour"], update_fields=columns
    )


def put_off(*, source_id: int, start: datetime, end: datetime, until: datetime) -> int:
    """Plan the retries of [start, end) for later, because somebody has set out for them; returns how many.

    If that one gets lost, they come up again then.
    """
    waiting = FeedHour.objects.filter(
        source_id=source_id, hour__gte=start, hour__lt=end, next_try_at__isnull=False
    )
    return waiting.update(next_try_at=until)
