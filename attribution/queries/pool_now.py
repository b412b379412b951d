"""What devices a pool has by telemetry, and what one of them costs."""

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from django.db import connection

from attribution.queries.names import names_of
from attribution.sql import statement


class PoolHour(NamedTuple):
    """Devices of a pool in one hour, means over its minutes: `ready` ones, those `free` of work, and all."""

    hour: datetime
    ready: Fraction
    free: Fraction
    devices: Fraction


def pool_named(name: str) -> int | None:
    """The id of a pool by its `cluster/pool`."""
    return next((pk for pk, known in names_of("pool").items() if known == name), None)


def pool_hours(pool_id: int, since: datetime, before: datetime, limit: int = 1) -> list[PoolHour]:
    """The newest attributed hours of a pool that begin in [since, before); newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement("pool_hours_now"), {"pool": pool_id, "since": since, "before": before, "limit": limit}
        )
        rows = cursor.fetchall()
    return [PoolHour(hour, *(Fraction(minutes) / 60 for minutes in figures)) for hour, *figures in rows]


def nano_per_device_hour(pool_id: int, start: datetime, end: datetime) -> tuple[str, Fraction] | None:
    """Currency and nano-units of a device-hour in [start, end); None when unpriced or in two currencies."""
    with connection.cursor() as cursor:
        cursor.execute(statement("pool_rate"), {"pool": pool_id, "start": start, "end": end})
        rows = cursor.fetchall()
    if len(rows) != 1 or rows[0][1] is None or not rows[0][2]:
        return None
    currency, amount, minutes = rows[0]
    return currency, int(amount) * 60 / Fraction(minutes)
