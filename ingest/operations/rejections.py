"""Keep what telemetry said that cannot be: one row for each signal and hour, and for each line of a file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ingest.models import Rejection
from ingest.sources.openmetrics.parse import RejectedLine
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span

LIVE = ""  # the file of samples that came from no file


def note_rejected_samples(*, source_id: int, span: Span, readings: Iterable[Reading]) -> None:
    """Replace the rejected samples of a span by those of these readings, counted by signal and hour."""
    start, end = span.moments()
    old = Rejection.objects.filter(source_id=source_id, batch=None, file=LIVE, hour__gte=start, hour__lt=end)
    old.delete()
    rows = []
    for reading in readings:
        low, high = reading.signal.range
        for place in np.flatnonzero(reading.rejected):
            count = int(reading.rejected[place])
            rows.append(
                Rejection(
                    source_id=source_id,
                    hour=span.hour(int(place)),
                    column=reading.signal.metric or reading.signal.fact,
                    expected=f"a number from {low:g} to {high:g}",
                    found=f"{count} minutes of series with another value",
                    reason=f"impossible sample of {reading.signal.fact}",
                )
            )
    Rejection.objects.bulk_create(rows)


def note_rejected_lines(*, source_id: int, files: Sequence[Path], lines: Iterable[RejectedLine]) -> None:
    """Replace the rejected lines of files by these."""
    names = [str(path) for path in files]
    Rejection.objects.filter(source_id=source_id, batch=None, file__in=names).delete()
    Rejection.objects.bulk_create(
        [
            Rejection(
                source_id=source_id,
                file=line.file,
                line=line.line,
                column=line.column,
                expected=line.expected,
                found=line.found[:200],
                reason="unreadable line",
                text=line.found,
            )
            for line in lines
        ],
        batch_size=1000,
    )
