"""What runtimes timed of their own phases, replaced by the hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from django.db import connection, transaction

from attribution.wire.tables import copy_binary

MEASURES = ("prefill_us", "decode_us", "computed_tokens", "cached_tokens", "decoded_tokens")


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One hour of one service label and model: microseconds of the phases, and the tokens in them.

    Ids are of `Label` and `ServedModel`, 0 where the source named nobody. None is unknown.
    """

    hour: datetime
    service_label_id: int
    model_id: int
    prefill_us: int | None = None
    decode_us: int | None = None
    computed_tokens: int | None = None
    cached_tokens: int | None = None
    decoded_tokens: int | None = None


def record_phases(
    *, source_id: int, cluster_id: int, start: datetime, end: datetime, rows: Iterable[PhaseRow]
) -> int:
    """Replace what this source said of phases in [start, end); returns the number of rows.

    No window becomes dirty: phases weigh nothing by themselves, only an approved fit of them does.
    """
    rows = list(rows)
    columns = {
        "cluster_id": pa.repeat(cluster_id, len(rows)),
        "hour": pa.array([row.hour for row in rows], pa.timestamp("us", "UTC")),
        "source_id": pa.repeat(source_id, len(rows)),
    } | {
        name: pa.array([getattr(row, name) for row in rows], pa.int64())
        for name in ("service_label_id", "model_id", *MEASURES)
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """DELETE FROM engine_phase_hour
                    WHERE cluster_id = %s AND source_id = %s AND hour >= %s AND hour < %s""",
                [cluster_id, source_id, start, end],
            )
        copy_binary("engine_phase_hour", pa.table(columns))
    return len(rows)
