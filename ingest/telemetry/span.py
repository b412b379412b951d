"""Whole hours of minutes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

HOUR = 3600


@dataclass(frozen=True)
class Span:
    """[start, start + hours): `start` is the epoch second of a full hour in UTC."""

    start: int
    hours: int

    @classmethod
    def of(cls, start: datetime, end: datetime) -> "Span":
        """The span of two moments; ValueError unless both are full hours and start comes first."""
        first, last = start.timestamp(), end.timestamp()
        if first % HOUR or last % HOUR or last <= first:
            raise ValueError(f"{start.isoformat()} to {end.isoformat()} is no span of full hours")
        return cls(int(first), int(last - first) // HOUR)

    @property
    def minutes(self) -> int:
        """Number of minutes."""
        return self.hours * 60

    @property
    def end(self) -> int:
        """Epoch second of the end, which is not part of it."""
        return self.start + self.hours * HOUR

    def hour(self, place: int) -> datetime:
        """Start of the hour at a place."""
        return datetime.fromtimestamp(self.start + place * HOUR, UTC)

    def moments(self) -> tuple[datetime, datetime]:
        """Start and end as moments."""
        return self.hour(0), self.hour(self.hours)

    def chunks(self, hours: int) -> Iterator["Span"]:
        """Parts of at most so many hours, that end where a multiple of them since the epoch does."""
        start = self.start
        while start < self.end:
            end = min(self.end, (start // (hours * HOUR) + 1) * hours * HOUR)
            yield Span(start, (end - start) // HOUR)
            start = end
