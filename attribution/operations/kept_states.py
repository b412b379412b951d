"""What was counted from strips, kept for previews and for attribution with other prices and rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection

from attribution.domain.state_cells import CELL, Cells
from attribution.operations.states_key import StatesKey


class KeptStates(NamedTuple):
    """The key that an hour's states have now, and its cells if some are kept under that very key."""

    key: bytes
    cells: Cells | None


class FreshStates(NamedTuple):
    """Cells of an hour that were counted from its strips."""

    hour: datetime
    key: bytes
    cells: Cells


def kept_states(cluster_id: int, hours: Sequence[datetime], key: StatesKey) -> Mapping[datetime, KeptStates]:
    """By hour, what is kept. In a transaction that has locked the windows their strips stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT hour, coalesce(w.strips_version, 0), k.key, k.cells
                 FROM unnest(%(hours)s::timestamptz[]) hour
                 LEFT JOIN attribution_window w USING (hour)
                 LEFT JOIN window_states k USING (cluster_id, hour)
                WHERE w.cluster_id = %(cluster)s""",
            {"cluster": cluster_id, "hours": list(hours)},
        )
        rows = {hour: (strips, kept, cells) for hour, strips, kept, cells in cursor.fetchall()}
    found = {}
    for hour in hours:
        strips, kept, cells = rows.get(hour, (0, None, None))
        now = key.of(hour, strips)
        known = kept is not None and bytes(kept) == now
        found[hour] = KeptStates(now, np.frombuffer(cells, dtype=CELL) if known else None)
    return found


def keep_states(*, cluster_id: int, fresh: Sequence[FreshStates]) -> None:
    """Replace what is kept of these hours. The caller holds the windows' row locks."""
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO window_states (cluster_id, hour, key, cells)
               SELECT %s, * FROM unnest(%s::timestamptz[], %s::bytea[], %s::bytea[])
               ON CONFLICT (cluster_id, hour) DO UPDATE SET key = excluded.key, cells = excluded.cells""",
            [
                cluster_id,
                [row.hour for row in fresh],
                [row.key for row in fresh],
                [row.cells.tobytes() for row in fresh],
            ],
        )
