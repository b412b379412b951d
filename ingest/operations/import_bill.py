"""Import a delivery of FOCUS files: each billing period in it is replaced whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from attribution.operations.replace_bill import Charge, replace_bill
from ingest.models import Batch, BatchStatus
from ingest.operations.batches import Counts, keep_batch, keep_refusal, lock_source, replace_rejections
from ingest.queries.named_source import named_source
from ingest.sources.file_list import list_files
from ingest.sources.focus.client import ENDINGS
from ingest.sources.focus.deliver import Delivery, Period, ReadFile, read_delivery
from ingest.sources.rejected import RefusedFile, Rejected

MOST = Decimal(9_223_372_036)  # units; 2**63 nano-units


class Total(NamedTuple):
    """Exact sums of a bill's accepted rows in one currency."""

    currency: str
    billed: Decimal
    effective: Decimal


@dataclass(frozen=True)
class ImportedBill:
    """What became of one billing period. `version` None: no row of it could be used, the bill stays."""

    period_start: datetime
    period_end: datetime
    version: int | None
    changed: bool
    accepted: int
    rejected: int
    totals: tuple[Total, ...]


@dataclass(frozen=True)
class ImportedDelivery:
    """Bills by period, files by name, and every rejected row."""

    bills: tuple[ImportedBill, ...]
    files: tuple[ReadFile, ...]
    rejections: tuple[Rejected, ...]


def import_bill(*, source_name: str, paths: Sequence[Path], now: datetime) -> ImportedDelivery:
    """Read files and folders as one delivery, and make each billing period in it the current bill.

    All files of a period must come together: what is not delivered is no longer billed. The same rows again,
    in whatever order, file or packing, change nothing. Raises WrongSource, and RefusedFile when any file
    cannot be used; then nothing of the delivery is.
    """
    connection = named_source(source_name, "focus")
    source_id = connection.source.pk
    export = str(connection.settings.get("export", ""))
    try:
        delivery = read_delivery(list_files(paths, ENDINGS))
        with transaction.atomic():
            lock_source(source_id)
            bills = [_replace(source_id, export, period, delivery, now) for period in _in_order(delivery)]
            for file in delivery.files:
                _keep_file(source_id, file, now)
    except RefusedFile as refused:
        keep_refusal(source_id=source_id, refused=refused, started_at=now, finished_at=datetime.now(UTC))
        raise
    rejections = tuple(rejection for file in delivery.files for rejection in file.rejections)
    return ImportedDelivery(tuple(bills), tuple(delivery.files), rejections)


def _in_order(delivery: Delivery) -> list[Period]:
    return [delivery.periods[start] for start in sorted(delivery.periods)]


def _replace(source_id: int, export: str, period: Period, delivery: Delivery, now: datetime) -> ImportedBill:
    bill = ImportedBill(
        period.start, period.end, None, False, len(period.charges), period.rejected, _totals(period.charges)
    )
    if not period.charges:
        return bill
    _check_size(period, delivery)
    outcome = replace_bill(
        source_id=source_id,
        export=export,
        period_start=period.start,
        period_end=period.end,
        content_hash=period.hash,
        charges=period.charges,
        files=[_file_note(file) for file in delivery.files],
        rejected=period.rejected,
        imported_at=now,
    )
    return ImportedBill(
        period.start,
        period.end,
        outcome.version,
        outcome.changed,
        bill.accepted,
        bill.rejected,
        bill.totals,
    )


def _check_size(period: Period, delivery: Delivery) -> None:
    """Refuse what the ledger's 64-bit nano-units cannot hold, however charges fall into cost pools."""
    with localcontext(prec=100):
        size = sum((abs(charge.effective_cost) for charge in period.charges), Decimal(0))
    if size > MOST:
        names = ", ".join(file.name for file in delivery.files)
        raise RefusedFile(
            names, f"the amounts of {period.start:%Y-%m} come to {size:.0f}, more than {MOST:,} in all"
        )


def _file_note(file: ReadFile) -> dict[str, object]:
    return {
        "name": file.name,
        "bytes": file.size,
        "focus": file.version,
        "rows": file.received,
        "rejected": len(file.rejections),
    }


def _totals(charges: Sequence[Charge]) -> tuple[Total, ...]:
    totals = []
    with localcontext(prec=100):  # as many digits as a column of amounts can have
        for currency in sorted({charge.billing_currency for charge in charges}):
            of_currency = [charge for charge in charges if charge.billing_currency == currency]
            billed = sum((charge.billed_cost for charge in of_currency), Decimal(0))
            effective = sum((charge.effective_cost for charge in of_currency), Decimal(0))
            totals.append(Total(currency, billed, effective))
    return tuple(totals)


def _keep_file(source_id: int, file: ReadFile, now: datetime) -> None:
    before = Batch.objects.filter(source_id=source_id, file_name=file.name).first()
    same = before is not None and before.content_hash is not None and bytes(before.content_hash) == file.hash
    batch = keep_batch(
        source_id=source_id,
        file_name=file.name,
        content=file.hash,
        counts=Counts(file.accepted, 0, len(file.rejections)),
        status=BatchStatus.UNCHANGED if same else BatchStatus.LOADED,
        started_at=now,
    )
    if not same:
        replace_rejections(batch, file.rejections)
    batch.finished_at = datetime.now(UTC)
    batch.save(update_fields=["finished_at"])
