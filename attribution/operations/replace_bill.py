"""A bill is replaced whole per (source, export, billing period)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa
from django.db import transaction

from attribution.domain.money import round_total
from attribution.models.bill import Bill, BillTotal
from attribution.operations.charge import Charge
from attribution.operations.charge_spool import ChargeSpool
from attribution.operations.derive_bill_pools import derive_bill_pools
from attribution.operations.partitions import make_partitions
from attribution.wire.connection import copy_table

__all__ = ["BillOutcome", "Charge", "replace_bill"]


class BillOutcome(NamedTuple):
    """Which version stands now, and whether this import made it; `older`: what came is older than that."""

    bill_id: int
    version: int
    changed: bool
    older: bool = False


def replace_bill(
    *,
    source_id: int,
    export: str,
    period_start: datetime,
    period_end: datetime,
    content_hash: bytes,
    charges: Sequence[Charge] | ChargeSpool,
    files: list[dict[str, Any]],
    rejected: int,
    imported_at: datetime,
    exported_at: datetime | None = None,
) -> BillOutcome:
    """Make `charges` the bill of this period; the same content as the current version changes nothing.

    `exported_at` is when the provider made this export, where it says so: an older one than the current
    version's changes nothing either. Superseded versions stay readable. Windows whose cost pools change
    become dirty in the same transaction.
    """
    spool = charges if isinstance(charges, ChargeSpool) else ChargeSpool.of(charges)
    with transaction.atomic():
        current = (
            Bill.objects.select_for_update()
            .filter(source_id=source_id, export=export, period_start=period_start, current=True)
            .first()
        )
        if current is not None and (stands := _stands(current, content_hash, exported_at)):
            return stands
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
            exported_at=exported_at or (current.exported_at if current else None),
            files=files,
            accepted=spool.count,
            rejected=rejected,
        )
        make_partitions(period_start, period_end)
        for table in spool.tables():
            _copy(bill, table)
        _write_totals(bill, spool)
        derive_bill_pools(bill_id=bill.pk, superseded_id=current.pk if current else None)
    return BillOutcome(bill.pk, bill.version, changed=True)


def _stands(current: Bill, content_hash: bytes, exported_at: datetime | None) -> BillOutcome | None:
    """Why the current version stays, if it does; the same content from a newer export makes it as new."""
    newest = current.exported_at
    if exported_at is not None and newest is not None and exported_at < newest:
        return BillOutcome(current.pk, current.version, changed=False, older=True)
    if bytes(current.content_hash) != content_hash:
        return None
    if exported_at is not None and exported_at != newest:
        current.exported_at = exported_at
        current.save(update_fields=["exported_at"])
    return BillOutcome(current.pk, current.version, changed=False)


def _copy(bill: Bill, charges: pa.Table) -> None:
    count = charges.num_rows
    table = pa.table(
        {
            "bill_id": pa.repeat(bill.pk, count),
            "billing_period_start": pa.array([bill.period_start] * count, pa.timestamp("us", "UTC")),
            **dict(zip(charges.column_names, charges.columns, strict=True)),
        }
    )
    copy_table(f"charge ({', '.join(table.column_names)})", table)  # names of ours


def _write_totals(bill: Bill, spool: ChargeSpool) -> None:
    for currency in sorted(spool.totals):
        sums = spool.totals[currency]
        BillTotal.objects.create(
            bill=bill,
            currency=currency,
            billed=sums.billed,
            effective=sums.effective,
            effective_nano=round_total(sums.effective),
        )
