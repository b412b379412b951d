"""What came for hours after retention had dropped their rows: counted, in no ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from attribution.domain.months import month_bounds, next_month
from attribution.queries.organization import organization
from attribution.sql import statement


class LateBill(NamedTuple):
    """A bill that says something else of dropped hours than their lines and adjustments did.

    `says_nano` is what its charges say of these hours, `told_nano` what the month was told of it in time.
    """

    bill_id: int
    source: str
    export: str
    period_start: datetime
    version: int
    imported_at: datetime
    currency: str
    says_nano: int
    told_nano: int

    @property
    def not_posted_nano(self) -> int:
        """What stands in no month's ledger."""
        return self.says_nano - self.told_nano


@dataclass(frozen=True)
class LateFacts:
    """Of a month: how many hours facts came for after their rows were dropped, and the bills among these.

    `first` and `last` are hours, `last_at` when facts came for one of them last.
    """

    month: date
    hours: int
    first: datetime
    last: datetime
    last_at: datetime
    bills: tuple[LateBill, ...]


def late_facts(month: date | None = None) -> Mapping[date, LateFacts]:
    """By month, newest first; only months for which something came. Of one month, or of all."""
    start, end = (None, None) if month is None else month_bounds(month, organization().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT month_of(hour), count(DISTINCT hour), min(hour), max(hour), max(last_at)
                 FROM late_hour
                WHERE (%(start)s::timestamptz IS NULL OR hour >= %(start)s)
                  AND (%(end)s::timestamptz IS NULL OR hour < %(end)s)
                GROUP BY 1 ORDER BY 1 DESC""",
            {"start": start, "end": end},
        )
        rows = cursor.fetchall()
    return {
        month: LateFacts(month, hours, first, last, last_at, _bills(month))
        for month, hours, first, last, last_at in rows
    }


def _bills(month: date) -> tuple[LateBill, ...]:
    start, end = month_bounds(month, organization().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("late_bills"),
            {"start": start, "end": end, "first_day": month, "after_day": next_month(month)},
        )
        return tuple(
            LateBill(*row)._replace(says_nano=int(row[7]), told_nano=int(row[8])) for row in cursor.fetchall()
        )
