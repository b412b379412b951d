"""Days are kept by the transaction that switches a window."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from attribution.domain.hours import day_bounds, local_day
from attribution.models.organization import Organization

_SQL = Path(__file__).parent.parent / "sql"
# In this order: the narrow days are worked out from the days.
_TABLES = (
    "daily_cost",
    "daily_usage",
    "daily_cost_total",
    "daily_cost_tenant",
    "daily_usage_total",
    "daily_usage_tenant",
)


@cache
def _statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text()


def reporting_zone() -> str:
    """The organization's reporting time zone."""
    return Organization.objects.values_list("reporting_time_zone", flat=True).first() or "UTC"


def roll_up_days(cluster_id: int, hours: Sequence[datetime]) -> None:
    """Compute the days that own these hours anew from the current lines of the cluster.

    Whole days, not differences: a roll-up cannot drift from its leaves. Workers on other hours of the day
    wait here for each other, and the later one sees the earlier one's lines.
    """
    zone = reporting_zone()
    days = sorted({local_day(hour, ZoneInfo(zone)) for hour in hours})
    spans = [day_bounds(day, ZoneInfo(zone)) for day in days]
    parameters: dict[str, Any] = {
        "cluster": cluster_id,
        "zone": zone,
        "days": days,
        "start": min(start for start, _ in spans),
        "end": max(end for _, end in spans),
    }
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [cluster_id, day.toordinal()])
        for table in _TABLES:
            cursor.execute(
                f"DELETE FROM {table} WHERE cluster_id = %s AND day = ANY(%s)",  # noqa: S608  # constants
                [cluster_id, days],
            )
            cursor.execute(_statement(f"roll_up_{table}"), parameters)
        cursor.execute(_statement("roll_up_named_for_tenant"), parameters)
        cursor.execute(_statement("stamp_days"), parameters)
