"""What of bills stands in the database and in the ledger."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from attribution.models import Bill
from attribution.operations.attribute_windows import attribute_range

NOW = datetime(2026, 3, 20, tzinfo=UTC)


def ledger(hours: Iterable[datetime]) -> dict[str, Decimal]:
    """Attribute these hours and sum the ledger's current lines by use; asserts that they sum to the bills."""
    for hour in hours:
        attribute_range(hour, hour + timedelta(hours=1))
    return rows_by("l.use", "WHERE p.bill_id IS NOT NULL")


def rows_by(column: str, where: str = "") -> dict[str, Decimal]:
    """Sums of the ledger's current lines of bills, in units."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {column}, sum(l.amount_nano) / 1e9
                  FROM ledger_line l
                  JOIN attribution_window w USING (cluster_id, hour, version)
                  JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                    = (l.cluster_id, l.hour, l.version, l.pool_number)
                  {where} GROUP BY 1 ORDER BY 1"""
        )
        return {key: Decimal(total).normalize() for key, total in cursor.fetchall()}


def current_bills() -> list[tuple[str, int, int, Decimal, Decimal]]:
    """(month, version, charges, billed, effective) of what stands, from the charges themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT to_char(b.period_start AT TIME ZONE 'UTC', 'YYYY-MM'), b.version, count(*)::int,
                      sum(billed_cost), sum(effective_cost)
                 FROM charge c JOIN bill b ON b.id = c.bill_id
                WHERE b.current GROUP BY b.id ORDER BY b.period_start"""
        )
        return cursor.fetchall()


def charges(*columns: str) -> list[tuple[Any, ...]]:
    """Columns of the charges that stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {", ".join(columns)} FROM charge c JOIN bill b ON b.id = c.bill_id
                 WHERE b.current ORDER BY b.period_start, c.row_number"""
        )
        return cursor.fetchall()


def versions() -> list[int]:
    """Versions of all bills."""
    return sorted(Bill.objects.values_list("version", flat=True))
