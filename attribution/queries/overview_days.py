"""The days that an overview is about."""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from attribution.domain.hours import day_bounds
from attribution.models.organization import Organization
from attribution.queries.organization import OrganizationFacts, facts_of
from attribution.sql import statement


class OverviewDays(NamedTuple):
    """Local days [first, after); those before `firm` are complete. The baseline is [base_first, base_after).

    The days [firm_first, firm) are what the baseline stands against: it lies before the range, and is empty
    where nothing is compared.
    """

    first: date
    after: date
    firm_first: date
    firm: date
    base_first: date
    base_after: date

    def compares(self, day: date) -> bool:
        """Whether a day of the range stands against the baseline."""
        return self.firm_first <= day < self.firm

    def bounds(self, zone: ZoneInfo) -> dict[str, datetime]:
        """The same as starts of hours, by name."""
        return {name: day_bounds(day, zone)[0] for name, day in self._asdict().items()}


class KnownDays(NamedTuple):
    """First and newest day with cost; None where there is none at all."""

    first: date | None
    newest: date | None


def known_days() -> KnownDays:
    """Days that have cost in the ledger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first, newest FROM days_with_cost()")
        return KnownDays(*cursor.fetchone())


def organization_and_days() -> tuple[OrganizationFacts, KnownDays]:
    """The organization, as `organization()` has it, and the days that have cost."""
    with connection.cursor() as cursor:
        cursor.execute(statement("organization_and_days"))
        *row, first, newest = cursor.fetchone()
    names = ("id", "name", "reporting_time_zone", "currency", "unallocated_target")
    declared = dict(zip(names, row, strict=True)) if row[0] is not None else {}
    return facts_of(Organization(**declared)), KnownDays(first, newest)
