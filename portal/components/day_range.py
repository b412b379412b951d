"""Two days in an address, both inclusive: what pages about a plain range of days ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from attribution.domain.hours import day_bounds
from portal.components.filters import ContextBar, Field
from portal.components.formats import counted
from portal.components.times import span

DAY = timedelta(days=1)
LONGEST = 800


@dataclass(frozen=True)
class DayRange:
    """Days first to last, inclusive. `mistakes` are by name of the field."""

    first: date
    last: date
    mistakes: Mapping[str, str] = field(default_factory=dict)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The hours of these days, [start, end)."""
        return day_bounds(self.first, zone)[0], day_bounds(self.last, zone)[1]

    def address(self) -> str:
        """As a query: from=…&to=…"""
        return f"from={self.first.isoformat()}&to={self.last.isoformat()}"

    def bar(self, zone: ZoneInfo) -> ContextBar:
        """The two dates as a context bar, and in words."""
        fields = [
            Field("from", "From", self.first.isoformat(), kind="date", error=self.mistakes.get("from", "")),
            Field(
                "to", "To (inclusive)", self.last.isoformat(), kind="date", error=self.mistakes.get("to", "")
            ),
        ]
        count = (self.last - self.first).days + 1
        return ContextBar(fields, f"{span(self.first, self.last)}, {counted(count, 'day')} in {zone.key}.")


def day_range(given: Mapping[str, str], usual: tuple[date, date]) -> DayRange:
    """Read `from` and `to`; where they cannot be used, the usual days with the mistake noted."""
    mistakes: dict[str, str] = {}
    first, last = (_day(given.get(name, ""), name, mistakes) for name in ("from", "to"))
    if not first and not last:
        return DayRange(*usual, mistakes)
    first, last = first or last, last or first
    if not first or not last or mistakes:
        return DayRange(*usual, mistakes)
    if first > last:
        return DayRange(*usual, {"to": "is before the first day"})
    if (last - first).days >= LONGEST:
        return DayRange(*usual, {"to": f"at most {LONGEST} days at once"})
    return DayRange(first, last)


def _day(text: str, name: str, mistakes: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1990 <= day.year <= 2200:
        mistakes[name] = "a day such as 2026-11-01"
        return None
    return day
