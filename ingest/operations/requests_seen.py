"""Which of some requests have not been counted before."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from django.db import connection
from numpy.typing import NDArray

from attribution.wire.tables import copy_binary
from ingest.models import RequestSeen


def forget(batch_id: int) -> None:
    """What a file's earlier content had counted is countable again."""
    RequestSeen.objects.filter(batch_id=batch_id).delete()


def unseen(
    *,
    source_id: int,
    batch_id: int,
    hour: NDArray[np.int64],
    id_hash: NDArray[np.int64],
    has_id: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Mark requests as seen; True where one was not. Requests without an id are always new.

    `hour` counts from 1970. Of the same request twice among these the first is the new one.
    """
    new = ~has_id
    places = np.flatnonzero(has_id)
    pairs = np.column_stack((hour[places], id_hash[places]))
    _, first = np.unique(pairs, axis=0, return_index=True) if len(places) else (None, np.zeros(0, dtype=int))
    asked = places[np.sort(first)]
    fresh = _insert(source_id, batch_id, hour[asked], id_hash[asked])
    new[asked] = fresh
    return new


def _insert(
    source_id: int, batch_id: int, hour: NDArray[np.int64], id_hash: NDArray[np.int64]
) -> NDArray[np.bool_]:
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMPORARY TABLE IF NOT EXISTS request_asked
               (place integer, hour timestamptz, id_hash bigint) ON COMMIT DROP"""
        )
        cursor.execute("TRUNCATE request_asked")
        stamps = pa.array(hour * 3_600, pa.timestamp("s", "UTC"))
        table = pa.table(
            {"place": pa.array(np.arange(len(hour))), "hour": stamps, "id_hash": pa.array(id_hash)}
        )
        copy_binary("request_asked", table)
        cursor.execute(
            """WITH added AS (
                   INSERT INTO request_seen (source_id, hour, id_hash, batch_id)
                   SELECT %s, hour, id_hash, %s FROM request_asked ORDER BY hour, id_hash
                   ON CONFLICT DO NOTHING RETURNING hour, id_hash)
               SELECT place FROM request_asked JOIN added USING (hour, id_hash)""",
            [source_id, batch_id],
        )
        fresh = np.zeros(len(hour), dtype=bool)
        fresh[[row[0] for row in cursor.fetchall()]] = True
    return fresh


def hour_of(hours: int) -> datetime:
    """The hour that many hours after 1970 began."""
    return datetime.fromtimestamp(hours * 3_600, UTC)
