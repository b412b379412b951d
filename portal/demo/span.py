"""The days that the demo tells about, and moments in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Seconds = NDArray[np.int64]


@dataclass(frozen=True)
class Span:
    """Whole UTC days `[start, end)`; the same seed and days give the same bytes."""

    end: datetime
    days: int
    seed: int

    @classmethod
    def until(cls, now: datetime, days: int, seed: int) -> "Span":
        """The `days` days that end with the day before `now` (aware)."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(midnight, days, seed)

    @property
    def start(self) -> datetime:
        """Midnight of the first day."""
        return self.end - self.days * DAY

    def back(self, days: int, hour: float = 0.0) -> datetime:
        """A moment on the day `days` before the end, or on the first day when there are fewer."""
        return self.end - min(days, self.days) * DAY + timedelta(hours=hour)

    def random(self, *names: str) -> np.random.Generator:
        """A stream of its own for every name, so that one more pod changes nothing elsewhere."""
        return np.random.default_rng([self.seed, crc32("/".join(names).encode())])

    def each_day(self) -> Iterator[datetime]:
        """Midnights of all days."""
        return (self.start + number * DAY for number in range(self.days))

    def months(self) -> Iterator[tuple[datetime, datetime]]:
        """The billing periods that the days touch: from the first of a month to the first of the next."""
        first = self.start.replace(day=1)
        while first < self.end:
            after = (first + 32 * DAY).replace(day=1)
            yield first, after
            first = after


def scrapes(start: datetime, end: datetime, interval: int) -> Seconds:
    """Epoch seconds of the scrapes in [start, end); scrapers start a little after the full minute."""
    return np.arange(int(start.timestamp()) + 7, int(end.timestamp()), interval, dtype=np.int64)
