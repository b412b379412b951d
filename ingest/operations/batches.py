"""What stands of a file, and what of it was rejected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from django.db import transaction

from attribution.wire.connection import copy_table
from ingest.models import Batch, BatchStatus, Connection, Rejection
from ingest.sources.rejected import RefusedFile, Rejected

LONGEST_ERROR = 2_000


@dataclass(frozen=True)
class Counts:
    """Records of a file; they add up to what was received."""

    accepted: int
    duplicate: int
    rejected: int


def lock_source(source_id: int) -> None:
    """One delivery of a source after the other, until the end of the transaction."""
    list(Connection.objects.select_for_update().filter(source_id=source_id).values_list("pk"))


def keep_batch(
    *,
    source_id: int,
    file_name: str,
    content: bytes,
    counts: Counts,
    status: BatchStatus,
    started_at: datetime,
) -> Batch:
    """Write what stands of a file now; its rejections are the caller's to replace."""
    batch, _ = Batch.objects.update_or_create(
        source_id=source_id,
        file_name=file_name,
        defaults={
            "content_hash": content,
            "received": counts.accepted + counts.duplicate + counts.rejected,
            "accepted": counts.accepted,
            "duplicate": counts.duplicate,
            "rejected": counts.rejected,
            "status": status,
            "error": "",
            "started_at": started_at,
            "finished_at": None,
        },
    )
    return batch


def keep_refusal(
    *, source_id: int, refused: RefusedFile, started_at: datetime, finished_at: datetime
) -> None:
    """Note that a delivery was refused; what an earlier one said of the file stays."""
    Batch.objects.update_or_create(
        source_id=source_id,
        file_name=refused.file,
        defaults={
            "status": BatchStatus.REFUSED,
            "error": refused.why[:LONGEST_ERROR].replace("\0", "␀"),
            "started_at": started_at,
            "finished_at": finished_at,
        },
    )


def replace_rejections(batch: Batch, rejections: Iterable[Rejected]) -> None:
    """Every rejected record of the file, with its reason."""
    listed = list(rejections)
    with transaction.atomic():
        Rejection.objects.filter(batch=batch).delete()
        columns: dict[str, pa.Array] = {
            "source_id": pa.repeat(batch.source_id, len(listed)),
            "batch_id": pa.repeat(batch.pk, len(listed)),
            "line": pa.array([item.line for item in listed], pa.int64()),
            "amount": pa.array([None if item.amount is None else f"{item.amount:f}" for item in listed]),
        }
        for name in ("file", "column", "expected", "found", "reason", "text", "currency"):
            texts = [str(getattr(item, name)).replace("\0", "␀")[:2_000] for item in listed]
            columns[name] = pa.array(texts, pa.string())
        names = ", ".join(f'"{name}"' for name in columns)  # names of ours
        copy_table(f"rejection ({names})", pa.table(columns))
