"""A bill is replaced whole per (source, export, billing period)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import pyarrow as pa
from django.db import transaction

from attribution.domain.money import round_total
from attribution.models.bill import Bill, BillTotal
from attribution.operations.derive_bill_pools import derive_bill_pools
from attribution.operations.partitions import make_partitions
from attribution.wire.connection import copy_table


@dataclass(frozen=True, slots=True)
class Charge:
    """One FOCUS row; names are FOCUS's in snake_case. `extra` has every column without a name here."""

    row_number: int
    file: str
    line: int
    charge_period_start: datetime
    charge_period_end: datetime
    billing_currency: str
    billed_cost: Decimal
    effective_cost: Decimal
    list_cost: Decimal | None
    contracted_cost: Decimal | None
    charge_category: str
    charge_class: str | None = None
    charge_description: str | None = None
    charge_frequency: str | None = None
    service_category: str | None = None
    service_name: str | None = None
    resource_id: str | None = None
    resource_name: str | None = None
    resource_type: str | None = None
    region_id: str | None = None
    sub_account_id: str | None = None
    invoice_id: str | None = None
    sku_id: str | None = None
    sku_meter: str | None = None
    commitment_discount_id: str | None = None
    commitment_discount_status: str | None = None
    capacity_reservation_status: str | None = None
    consumed_quantity: Decimal | None = None
    consumed_unit: str | None = None
    pricing_quantity: Decimal | None = None
    pricing_unit: str | None = None
    tags: dict[str, Any] | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class BillOutcome(NamedTuple):
    """Which version stands now, and whether this import made it."""

    bill_id: int
    version: int
    changed: bool


def replace_bill(
    *,
    source_id: int,
    export: str,
    period_start: datetime,
    period_end: datetime,
    content_hash: bytes,
    charges: Sequence[Charge],
    files: list[dict[str, Any]],
    rejected: int,
    imported_at: datetime,
) -> BillOutcome:
    """Make `charges` the bill of this period; the same content as the current version changes nothing.

    Superseded versions stay readable. Windows whose cost pools change become dirty in the same transaction.
    """
    with transaction.atomic():
        current = (
            Bill.objects.select_for_update()
            .filter(source_id=source_id, export=export, period_start=period_start, current=True)
            .first()
        )
        if current is not None and bytes(current.content_hash) == content_hash:
            return BillOutcome(current.pk, current.version, changed=False)
        if current is not None:
            current.current, current.pools_stale = False, True
            current.save(update_fields=["current", "pools_stale"])
        bill = Bill.objects.create(
            source_id=source_id,
            export=export,
            period_start=period_start,
            period_end=period_end,
            version=current.version + 1 if current else 1,
            content_hash=content_hash,
            imported_at=imported_at,
            files=files,
            accepted=len(charges),
            rejected=rejected,
        )
        make_partitions(period_start, period_end)
        _copy(bill, charges)
        _write_totals(bill, charges)
        derive_bill_pools(bill_id=bill.pk, superseded_id=current.pk if current else None)
    return BillOutcome(bill.pk, bill.version, changed=True)


def _copy(bill: Bill, charges: Sequence[Charge]) -> None:
    columns = {}
    for column in fields(Charge):
        values: list[Any] = [getattr(charge, column.name) for charge in charges]
        if column.name in ("tags", "extra"):
            values = [None if value is None else json.dumps(value) for value in values]
        elif "Decimal" in str(column.type):
            values = [None if value is None else format(value, "f") for value in values]
        columns[column.name] = pa.array(values, _arrow_type(str(column.type)))
    count = len(charges)
    table = pa.table(
        {
            "bill_id": pa.repeat(bill.pk, count),
            "billing_period_start": pa.array([bill.period_start] * count, pa.timestamp("us", "UTC")),
            **columns,
        }
    )
    copy_table(f"charge ({', '.join(table.column_names)})", table)  # names of ours


def _arrow_type(annotation: str) -> pa.DataType:
    if "int" in annotation:
        return pa.int64()
    if "datetime" in annotation:
        return pa.timestamp("us", "UTC")
    return pa.string()


def _write_totals(bill: Bill, charges: Sequence[Charge]) -> None:
    for currency in sorted({charge.billing_currency for charge in charges}):
        of_currency = [charge for charge in charges if charge.billing_currency == currency]
        effective = _sum(charge.effective_cost for charge in of_currency)
        BillTotal.objects.create(
            bill=bill,
            currency=currency,
            billed=_sum(charge.billed_cost for charge in of_currency),
            effective=effective,
            effective_nano=round_total(effective),
        )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    # The default context would round sums beyond 28 digits.
    with localcontext(prec=60):
        return sum(amounts, Decimal(0))
