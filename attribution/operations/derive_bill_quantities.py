"""What a bill counts beside money, by the hour: bytes by class of route, tokens by class."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from django.db import connection

from attribution.domain.billed_quantities import scale_of
from attribution.domain.prices import spread
from attribution.operations.bill_lines import BillLines
from attribution.operations.bill_meanings import Meaning
from attribution.operations.billed_hours import moment
from attribution.wire.connection import copy_table

_EXACT = Context(prec=200)


class QuantityKey(NamedTuple):
    """What is counted together; ids are 0 where there is none."""

    cluster_id: int
    service_id: int
    base: str
    part: str


class _Kind(NamedTuple):
    """What lines count, how often each of it is billed, and how many of it their unit is (None: unknown)."""

    key: QuantityKey
    ways: int
    scale: Fraction | None


class _Kinds(NamedTuple):
    """Numbers of the kinds of a line's consumed and pricing quantity, and of one without either."""

    consumed: int | None
    pricing: int | None
    unread: int


class BilledQuantities:
    """Sums charges as they are read, and writes them once."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, int] = {}
        # By kind and period: numbers of its unit, how many of them, and how many lines there are without one.
        self._sums: dict[tuple[int, int, int], list[Any]] = defaultdict(lambda: [Decimal(0), 0, 0])

    def count(self, lines: BillLines) -> None:
        """Count lines; one whose number could not be read is counted as unread."""
        kinds = {
            place: found
            for place, meaning in enumerate(lines.meanings)
            if (found := self._kinds_of(meaning)) is not None
        }
        counted = np.flatnonzero(np.isin(lines.meaning, list(kinds)))
        if not len(counted):
            return
        columns, texts = (lines.meaning, lines.start, lines.end), (lines.consumed, lines.pricing)
        for line, meaning, start, end in zip(
            counted.tolist(), *(column[counted].tolist() for column in columns), strict=True
        ):
            kind, number = _first_read(kinds[meaning], [column[line] for column in texts])
            sums = self._sums[kind, start, end]
            if number is None:
                sums[2] += 1
            else:
                sums[0], sums[1] = _EXACT.add(sums[0], number), sums[1] + 1

    def _kinds_of(self, meaning: Meaning) -> "_Kinds | None":
        """None: it counts nothing."""
        scope, counts = meaning.scope, meaning.counts
        if counts is None:
            return None
        key = QuantityKey(scope.cluster_id, scope.service_id, counts.base, counts.part)
        consumed, pricing = (
            None if scale is None else self._number_of(_Kind(key, counts.ways, scale))
            for scale in (scale_of(counts, unit, meaning.provider) for unit in meaning.units)
        )
        return _Kinds(consumed, pricing, self._number_of(_Kind(key, counts.ways, None)))

    def _number_of(self, kind: _Kind) -> int:
        return self._kinds.setdefault(kind, len(self._kinds))

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
        for (key, start, end), (billed, once, read, unread) in self._periods().items():
            for place, amount in ((0, billed), (1, once)):
                for hour, part in spread(round(amount * 2), start, end).items():
                    row = hourly[(hour, key)]
                    row[place] += part
                    row[2], row[3] = row[2] + int(read), row[3] + (int(unread) if place == 0 else 0)
        return hourly

    def _periods(self) -> dict[tuple[QuantityKey, datetime, datetime], list[Fraction | int]]:
        """As billed, counted once, rows read and rows not read."""
        periods: dict[tuple[QuantityKey, datetime, datetime], list[Fraction | int]] = defaultdict(
            lambda: [Fraction(0), Fraction(0), 0, 0]
        )
        kinds = list(self._kinds)
        for (number, start, end), (amount, read, unread) in self._sums.items():
            key, ways, scale = kinds[number]
            billed = Fraction(amount) * (scale or 0)
            sums = periods[key, moment(start), moment(end)]
            for place, more in enumerate((billed, billed / ways, read, unread)):
                sums[place] += more
        return periods


def _first_read(kinds: _Kinds, texts: Sequence[str]) -> tuple[int, Decimal | None]:
    """The first number whose unit is one of what is counted: consumed before pricing quantity."""
    for kind, text in zip(kinds[:2], texts, strict=True):
        if kind is not None and text and (number := Decimal(text)).is_finite():
            return kind, number
    return kinds.unread, None


def _halves(row: list[int], place: int) -> str | None:
    """The quantity as decimal text; None where nothing of it could be read."""
    if not row[2]:
        return None
    whole, half = divmod(abs(row[place]), 2)
    return f"{'-' if row[place] < 0 else ''}{whole}{'.5' if half else ''}"
