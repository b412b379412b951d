"""Which days a page shows, and with which it compares them."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from attribution.domain.hours import HOUR, local_day
from attribution.queries.overview_days import OverviewDays

DAY = timedelta(days=1)
LONGEST = 800  # days: more bars than a chart has pixels for


class Preset(StrEnum):
    """Periods by name; "" are two chosen dates."""

    MONTH_TO_DATE = "mtd"
    LAST_MONTH = "last-month"
    SEVEN_DAYS = "7d"
    THIRTY_DAYS = "30d"
    YEAR = "13m"


class Compare(StrEnum):
    """What the baseline is."""

    MONTH = "month"
    PREVIOUS = "previous"
    NOTHING = "none"


@dataclass(frozen=True)
class Today:
    """What "now" means for a page: the local day, and the newest day with complete hours.

    `complete` is the exclusive end of the complete stretch; `first_open` the first day not wholly in it;
    `oldest` the first day with cost, None where that does not matter.
    """

    day: date
    newest: date
    complete: datetime | None
    first_open: date
    oldest: date | None = None

    @property
    def behind(self) -> bool:
        """Whether the newest data is of another month than today."""
        return (self.newest.year, self.newest.month) != (self.day.year, self.day.month)


def today(now: datetime, complete: datetime | None, zone: ZoneInfo, newest_cost: date | None = None) -> Today:
    """`now` and `complete` are aware; `newest_cost` is the newest day with cost, if nothing is complete."""
    day = now.astimezone(zone).date()
    if complete is None:
        newest = min(newest_cost or day, day)
        return Today(day, newest, None, newest)
    return Today(day, local_day(complete - HOUR, zone), complete, local_day(complete, zone))


def preset_days(preset: Preset, now: Today) -> tuple[date, date]:
    """First and last day, both inclusive. Where data is older than this month, it ends where data ends."""
    end = now.newest if now.behind else now.day
    month = end.replace(day=1)
    if preset is Preset.MONTH_TO_DATE:
        return month, end
    if preset is Preset.LAST_MONTH:
        return shifted(month, 1), month - DAY
    if preset is Preset.YEAR:
        return shifted(month, 12), end
    return end - DAY * (6 if preset is Preset.SEVEN_DAYS else 29), end


def shifted(day: date, months: int) -> date:
    """The same day some months before; the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def overview_days(first: date, last: date, compare: Compare, now: Today) -> OverviewDays:
    """The days of a range, and of its baseline: of the complete days only, so that like meets like."""
    after = last + DAY
    firm = min(max(now.first_open, first), after)
    base_first, base_after = _baseline(first, last, firm, compare)
    return _since(now.oldest, OverviewDays(first, after, first, firm, base_first, base_after))


def _since(oldest: date | None, days: OverviewDays) -> OverviewDays:
    """A day before the ledger began is unknown, not free: neither it nor its counterpart is compared."""
    if oldest is None or days.base_first >= min(oldest, days.base_after):
        return days
    firm_first = days.first + (oldest - days.base_first)
    if oldest >= days.base_after or firm_first >= days.firm:
        return days._replace(base_first=days.first, base_after=days.first)
    return days._replace(base_first=oldest, firm_first=firm_first)


def _baseline(first: date, last: date, firm: date, compare: Compare) -> tuple[date, date]:
    """First day and end of the baseline of the complete days [first, firm)."""
    if compare is Compare.NOTHING or firm == first:
        return first, first
    if compare is Compare.PREVIOUS:
        return first - (firm - first), first
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    base_last = shifted(firm - DAY, months)
    if firm - DAY == _month_end(firm - DAY) and first.day == 1:
        base_last = _month_end(base_last)
    return shifted(first, months), min(base_last + DAY, first)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
