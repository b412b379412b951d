"""Bytes that left pods, replaced by the hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from django.db import connection, transaction

from attribution.operations.partitions import make_partitions
from attribution.operations.windows import mark_dirty
from attribution.wire.tables import copy_binary


@dataclass(frozen=True, slots=True)
class TransferRow:
    """Bytes of one class of route (internet, inter_region, inter_zone, same_zone, all) from one pod."""

    hour: datetime
    transfer_class: str
    pod_label_id: int
    bytes: int


def record_transfers(
    *, source_id: int, cluster_id: int, start: datetime, end: datetime, rows: Iterable[TransferRow]
) -> int:
    """Replace what this source said of transfers in [start, end); returns the number of rows."""
    rows = list(rows)
    table = pa.table(
        {
            "cluster_id": pa.repeat(cluster_id, len(rows)),
            "source_id": pa.repeat(source_id, len(rows)),
            "hour": pa.array([row.hour for row in rows], pa.timestamp("us", "UTC")),
            "class": pa.array([row.transfer_class for row in rows], pa.string()),
            "pod_label_id": pa.array([row.pod_label_id for row in rows], pa.int64()),
            "bytes": pa.array([row.bytes for row in rows], pa.int64()),
        }
    )
    with transaction.atomic():
        make_partitions(start, end)
        with connection.cursor() as cursor:
            cursor.execute(
                """WITH gone AS (DELETE FROM transfer_hour WHERE cluster_id = %s AND source_id = %s
                                    AND hour >= %s AND hour < %s RETURNING hour)
                   SELECT DISTINCT hour FROM gone""",
                [cluster_id, source_id, start, end],
            )
            touched = {row[0] for row in cursor.fetchall()}
        copy_binary("transfer_hour", table)
        mark_dirty(cluster_id=cluster_id, hours=touched | {row.hour for row in rows})
    return len(rows)
