"""What a bill counts beside money, by the hour: bytes by class of route, tokens by class."""

from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa
from django.db import connection

from attribution.domain.billed_quantities import Billed
from attribution.domain.prices import spread
from attribution.wire.connection import copy_table


class QuantityKey(NamedTuple):
    """What is counted together; ids are 0 where there is none."""

    cluster_id: int
    service_id: int
    base: str
    part: str


class BilledQuantities:
    """Sums charges as they are read, and writes them once."""

    def __init__(self) -> None:
        self._sums: dict[tuple[QuantityKey, datetime, datetime], list[Fraction | int]] = defaultdict(
            lambda: [Fraction(0), Fraction(0), 0, 0]
        )

    def add(
        self, cluster_id: int, service_id: int, start: datetime, end: datetime, billed: Billed | None
    ) -> None:
        """Count a charge; one whose number could not be read is counted as unread."""
        if billed is None:
            return
        sums = self._sums[(QuantityKey(cluster_id, service_id, billed.base, billed.part), start, end)]
        if billed.quantity is None:
            sums[3] += 1
            return
        sums[0] += billed.quantity
        sums[1] += billed.quantity / billed.ways
        sums[2] += 1

    def replace(self, bill_id: int, superseded_id: int | None) -> None:
        """Write what was counted in place of what this bill, and the one it supersedes, said before."""
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM bill_quantity WHERE bill_id = ANY(%s)", [[bill_id, superseded_id or bill_id]]
            )
        rows = self._hourly()
        keys = list(rows)
        columns = {
            name: pa.array([getattr(key, name) for _, key in keys], kind)
            for name, kind in zip(QuantityKey._fields, [pa.int64()] * 2 + [pa.string()] * 2, strict=True)
        }
        table = pa.table(
            {
                "bill_id": pa.repeat(bill_id, len(keys)),
                "hour": pa.array([hour for hour, _ in keys], pa.timestamp("us", "UTC")),
                **columns,
                "billed": pa.array([_halves(rows[key], 0) for key in keys], pa.string()),
                "once": pa.array([_halves(rows[key], 1) for key in keys], pa.string()),
                "unread": pa.array([rows[key][3] for key in keys], pa.int64()),
            }
        )
        copy_table(f"bill_quantity ({', '.join(table.column_names)})", table)

    def _hourly(self) -> dict[tuple[datetime, QuantityKey], list[int]]:
        """Whole halves (a byte billed twice and counted once may be half a byte) and rows, by the hour."""
        hourly: dict[tuple[datetime, QuantityKey], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for (key, start, end), (billed, once, read, unread) in self._sums.items():
            for place, amount in ((0, billed), (1, once)):
                for hour, part in spread(round(amount * 2), start, end).items():
                    row = hourly[(hour, key)]
                    row[place] += part
                    row[2], row[3] = row[2] + int(read), row[3] + (int(unread) if place == 0 else 0)
        return hourly


def _halves(row: list[int], place: int) -> str | None:
    """The quantity as decimal text; None where nothing of it could be read."""
    if not row[2]:
        return None
    whole, half = divmod(abs(row[place]), 2)
    return f"{'-' if row[place] < 0 else ''}{whole}{'.5' if half else ''}"
