"""What is counted beside requests, replaced by the hour."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

import pyarrow as pa
from django.db import connection, transaction

from attribution.operations.windows import mark_dirty
from attribution.wire.tables import copy_binary


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A quantity of tool_calls, log_bytes (bytes), spans, or of active_series and artifact_bytes (× hours).

    Ids are of `Label` and `ServedModel`, 0 where the source named nobody.
    """

    hour: datetime
    what: str
    service_label_id: int
    tenant_label_id: int
    model_id: int
    quantity: int


def record_measures(
    *, source_id: int, cluster_id: int, start: datetime, end: datetime, rows: Iterable[MeasureRow]
) -> int:
    """Replace what this source counted in [start, end); returns the number of rows.

    psycopg's IntegrityError when two rows have the same key, or one is negative or of no known kind.
    """
    rows = list(rows)
    types = {"hour": pa.timestamp("us", "UTC"), "what": pa.string()}
    columns = {
        field.name: pa.array([getattr(row, field.name) for row in rows], types.get(field.name, pa.int64()))
        for field in fields(MeasureRow)
    }
    table = pa.table(
        {
            "cluster_id": pa.repeat(cluster_id, len(rows)),
            "source_id": pa.repeat(source_id, len(rows)),
            **columns,
        }
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """WITH gone AS (DELETE FROM measure_hour WHERE cluster_id = %s AND source_id = %s
                                    AND hour >= %s AND hour < %s RETURNING hour)
                   SELECT DISTINCT hour FROM gone""",
                [cluster_id, source_id, start, end],
            )
            touched = {row[0] for row in cursor.fetchall()}
        copy_binary("measure_hour", table)
        mark_dirty(cluster_id=cluster_id, hours=touched | {row.hour for row in rows})
    return len(rows)
