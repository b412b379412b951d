"""How busy devices were in a range beside a baseline."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from attribution.queries.overview import Question
from attribution.sql import statement


class UseOfDevices(NamedTuple):
    """Busy share of the minutes with a sample, from 0 to 1, in the range, its complete days, the baseline.

    `devices` is the mean number of devices in the hours of the range; all are None where nothing was heard.
    """

    now: Fraction | None
    firm: Fraction | None
    before: Fraction | None
    devices: Fraction | None


def use_of_devices(asked: Question, zone: ZoneInfo) -> UseOfDevices:
    """Of the filters, cluster, pool and service count: devices are not a tenant's."""
    with connection.cursor() as cursor:
        cursor.execute(statement("overview_use_of_devices"), {**asked.parameters, **asked.days.bounds(zone)})
        busy, sampled, minutes, firm_busy, firm_sampled, base_busy, base_sampled, hours = cursor.fetchone()
    return UseOfDevices(
        _share(busy, sampled),
        _share(firm_busy, firm_sampled),
        _share(base_busy, base_sampled),
        Fraction(minutes) / (60 * hours) if hours else None,
    )


def _share(busy: float | None, sampled: Decimal | None) -> Fraction | None:
    return Fraction(busy) / Fraction(sampled) if busy is not None and sampled else None
