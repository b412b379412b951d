"""Rows of a bill, as they stood in its files."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from attribution.models.bill import Bill
from attribution.sql import statement


class ChargeRow(NamedTuple):
    """One FOCUS row with its place; texts are "" where the row has none."""

    row_number: int
    file: str
    line: int
    charge_period_start: datetime
    charge_period_end: datetime
    currency: str
    billed_cost: Decimal
    effective_cost: Decimal
    category: str
    charge_class: str
    description: str
    service: str
    resource_id: str
    resource_name: str
    sub_account: str
    sku: str
    quantity: Decimal | None
    unit: str


def charge_rows(bill_id: int, numbers: Sequence[int]) -> dict[int, ChargeRow]:
    """Rows by number."""
    period = Bill.objects.values_list("period_start", flat=True).get(pk=bill_id)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("explain_charges"), {"period": period, "bill": bill_id, "rows": list(numbers)}
        )
        return {row[0]: ChargeRow(*row) for row in cursor.fetchall()}


def bill_exists(bill_id: int) -> bool:
    """Whether there is such a bill, of any version."""
    return Bill.objects.filter(pk=bill_id).exists()
