"""Months of the reporting time zone: the periods that finance closes."""

from datetime import date, datetime, tzinfo

from attribution.domain.hours import day_bounds, local_day


def month_of(hour: datetime, tz: tzinfo) -> date:
    """The first day of the month that owns a UTC hour: the month of its local day."""
    return local_day(hour, tz).replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_bounds(month: date, tz: tzinfo) -> tuple[datetime, datetime]:
    """`[start, end)` in UTC of the hours that a month owns."""
    return day_bounds(month, tz)[0], day_bounds(next_month(month), tz)[0]


def parse_month(text: str) -> date:
    """`2026-03` as its first day; ValueError, saying what is expected, for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # a month has no zone
    except ValueError:
        raise ValueError(f"expected a month such as 2026-03, found {text!r}") from None
