"""Whose installation this is: its name, days and currency."""

from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attribution.models.organization import Organization


class OrganizationFacts(NamedTuple):
    """`zone` is the reporting time zone: the days of every answer are its days.

    `unallocated_target` is the largest share of unallocated cost with which a month closes without words.
    """

    name: str
    zone: ZoneInfo
    currency: str
    unallocated_target: Decimal


def organization() -> OrganizationFacts:
    """The one organization; the defaults of the model where none has been declared yet."""
    return facts_of(Organization.objects.first() or Organization())


def facts_of(row: Organization) -> OrganizationFacts:
    """What a row says."""
    return OrganizationFacts(
        row.name, ZoneInfo(row.reporting_time_zone), row.currency, row.unallocated_target
    )
