"""Import files of a bill: each billing period in them is replaced whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.db import transaction

from attribution.operations.charge_spool import ChargeSpool
from attribution.operations.replace_bill import replace_bill
from ingest.models import Batch, BatchStatus, Connection
from ingest.operations.batches import Counts, keep_batch, keep_refusal, lock_source, replace_rejections
from ingest.queries.named_source import named_source
from ingest.sources.bill_kinds import BILL_KINDS
from ingest.sources.bill_run import Run
from ingest.sources.file_list import NamedFile, list_files
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
    """What became of one billing period. `version` None: no row of it could be used, the bill stays.

    `older`: what stands was exported later, and stays. `open_lines`: charges that no invoice has yet.
    """

    period_start: datetime
    period_end: datetime
    version: int | None
    changed: bool
    accepted: int
    rejected: int
    totals: tuple[Total, ...]
    older: bool = False
    open_lines: int = 0


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
    connection = named_source(source_name, *BILL_KINDS)
    try:
        files = list_files(paths, BILL_KINDS[connection.source.kind].endings)
    except RefusedFile as refused:
        _keep_refusal(connection, refused, now)
        raise
    return import_files(connection=connection, files=files, now=now)


def import_files(
    *,
    connection: Connection,
    files: Sequence[NamedFile],
    now: datetime,
    run: Run | None = None,
    made_at: datetime | None = None,
) -> ImportedDelivery:
    """Import these files as one delivery of a source; `run` is what its manifest says of them.

    Raises RefusedFile when any file cannot be used, or is not what the manifest says.
    """
    source_id, kind = connection.source.pk, BILL_KINDS[connection.source.kind]
    export = str(connection.settings.get("export", ""))
    try:
        with TemporaryDirectory(prefix="apportion-bill-") as folder:
            delivery = read_delivery(files, kind.open, Path(folder))
            if run is not None:
                _hold_against(run, delivery)
            with transaction.atomic():
                lock_source(source_id)
                bills = [
                    _replace(source_id, export, period, delivery, now, made_at)
                    for _, period in sorted(delivery.periods.items())
                ]
                if not any(bill.older for bill in bills):
                    for file in delivery.files:
                        _keep_file(source_id, file, now)
    except RefusedFile as refused:
        _keep_refusal(connection, refused, now)
        raise
    rejections = tuple(rejection for file in delivery.files for rejection in file.rejections)
    return ImportedDelivery(tuple(bills), tuple(delivery.files), rejections)


def _keep_refusal(connection: Connection, refused: RefusedFile, now: datetime) -> None:
    source_id = connection.source.pk
    keep_refusal(source_id=source_id, refused=refused, started_at=now, finished_at=datetime.now(UTC))


def _hold_against(run: Run, delivery: Delivery) -> None:
    """A run is one month, and has the rows that its manifest says: a part of a bill would replace it all."""
    for file, expected in zip(delivery.files, run.files, strict=True):
        if expected.rows is not None and expected.rows != file.received:
            why = f"its manifest says {expected.rows:,} rows, it has {file.received:,}"
            raise RefusedFile(file.name, why)
    for period in delivery.periods.values():
        month = f"{period.start:%Y-%m}"
        if month != run.month:
            why = f"its manifest says {run.month}, it has rows of the billing period {month}"
            raise RefusedFile(delivery.files[0].name, why)


def _replace(
    source_id: int,
    export: str,
    period: Period,
    delivery: Delivery,
    now: datetime,
    made_at: datetime | None,
) -> ImportedBill:
    charges = period.charges
    version, changed, older = None, False, False
    if charges.count:
        _check_size(period, delivery)
        outcome = replace_bill(
            source_id=source_id,
            export=export,
            period_start=period.start,
            period_end=period.end,
            content_hash=period.hash,
            charges=charges,
            files=[_file_note(file) for file in delivery.files],
            rejected=period.rejected,
            imported_at=now,
            exported_at=made_at or period.exported_at,
        )
        version, changed, older = outcome.version, outcome.changed, outcome.older
    return ImportedBill(
        period_start=period.start,
        period_end=period.end,
        version=version,
        changed=changed,
        accepted=charges.count,
        rejected=period.rejected,
        totals=_totals(charges),
        older=older,
        open_lines=charges.without_invoice,
    )


def _check_size(period: Period, delivery: Delivery) -> None:
    """Refuse what the ledger's 64-bit nano-units cannot hold, however charges fall into cost pools."""
    size = sum((sums.size for sums in period.charges.totals.values()), Decimal(0))
    if size > MOST:
        names = ", ".join(file.name for file in delivery.files)
        why = f"the amounts of {period.start:%Y-%m} come to {size:f}, the ledger holds {MOST:,} in all"
        raise RefusedFile(names, why)


def _file_note(file: ReadFile) -> dict[str, object]:
    return {
        "name": file.name,
        "bytes": file.size,
        "format": file.version,
        "rows": file.received,
        "rejected": len(file.rejections),
    }


def _totals(charges: ChargeSpool) -> tuple[Total, ...]:
    totals = sorted(charges.totals.items())
    return tuple(Total(currency, sums.billed, sums.effective) for currency, sums in totals)


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
