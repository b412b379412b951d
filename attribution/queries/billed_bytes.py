"""Do the bytes on the bills agree with the bytes that were measured?"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from django.db import connection

from attribution.domain.recognition import BYTE_CLASSES
from attribution.queries.costs import known_sum
from attribution.queries.organization import organization
from attribution.queries.span import span_of
from attribution.sql import statement

_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class BytesRow:
    """One class of route in a cluster ("": of no single one; None: in all) on a local day (None: on all).

    `billed` is as the bill counts, `once` counts each byte one time (AWS bills zones at both ends);
    `measured` is what pods sent. None is unknown, not 0. `unread` billed rows are in no sum. `amounts` are
    nano-units by currency. Of a total, `of_clusters` are the clusters that it sums, each over all days: what
    one cluster's bill has too much says nothing of what another's has too little.
    """

    cluster: str | None
    day: date | None
    transfer_class: str
    billed: Decimal | None
    once: Decimal | None
    unread: int
    measured: int | None
    amounts: Mapping[str, int]
    of_clusters: tuple["BytesRow", ...] = ()

    @property
    def surplus(self) -> Decimal | None:
        """Bytes on the bill that nothing measured, where something measures; None if unknown."""
        if self.of_clusters:
            return _sum(row.surplus for row in self.of_clusters)
        return None if self.difference is None else max(self.difference, Decimal(0))

    @property
    def deficit(self) -> Decimal | None:
        """Bytes measured that are not on the bill, where there is one; None if unknown."""
        if self.of_clusters:
            return _sum(row.deficit for row in self.of_clusters)
        return None if self.difference is None else max(-self.difference, Decimal(0))

    @property
    def unmeasured(self) -> Decimal | None:
        """Bytes on bills of clusters in which nothing measures this class; they are in no difference."""
        if self.of_clusters:
            return _sum(row.unmeasured for row in self.of_clusters)
        return self.once if self.measured is None else None

    @property
    def difference(self) -> Decimal | None:
        """Bytes on the bill less measured ones; None if unknown. Of a total: over clusters that know both."""
        if self.of_clusters:
            return _sum(row.difference for row in self._compared)
        if self.once is None or self.measured is None or self.unread:
            return None
        return _WIDE.subtract(self.once, Decimal(self.measured))

    @property
    def difference_percent(self) -> Decimal | None:
        """The difference in percent of what it compares of the bill, to two digits; None without any."""
        billed = known_sum(row.once for row in self._compared) if self.of_clusters else self.once
        if self.difference is None or not billed:
            return None
        share = _WIDE.divide(_WIDE.multiply(self.difference, Decimal(100)), billed)
        return share.quantize(Decimal("0.01"), ROUND_HALF_EVEN)

    @property
    def unexplained(self) -> dict[str, int | None]:
        """What of the money is for bytes that nobody was measured to send; None where that is unknown.

        It stands in the ledger all the same: by the measured bytes where there are some, else by rule.
        """
        if self.of_clusters:
            parts = [row.unexplained for row in self.of_clusters]
            return {currency: known_sum(part.get(currency) for part in parts) for currency in self.amounts}
        return {currency: self._unexplained(amount) for currency, amount in self.amounts.items()}

    @property
    def _compared(self) -> list["BytesRow"]:
        """The clusters of a total whose difference is known."""
        return [row for row in self.of_clusters if row.difference is not None]

    def _unexplained(self, amount: int) -> int | None:
        if self.difference is None or not self.once:
            return None
        share = _WIDE.divide(max(self.difference, Decimal(0)), self.once)
        return int(_WIDE.multiply(Decimal(amount), share).to_integral_value(ROUND_HALF_EVEN, _WIDE))


@dataclass(frozen=True)
class BilledBytes:
    """Rows by day, class and cluster; a total for each class over all of them."""

    rows: tuple[BytesRow, ...]
    totals: tuple[BytesRow, ...]


def billed_bytes(start: datetime, end: datetime) -> BilledBytes:
    """Every class that a current bill counts or telemetry measured in the hours that start in [start, end).

    A day of a long charge has its even share of the charge's bytes, so single days of a monthly line say
    little: the totals do. ValueError for an empty range.
    """
    span = span_of(start, end, organization().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("billed_and_measured_bytes"), span.parameters() | {"classes": list(BYTE_CLASSES)}
        )
        rows = tuple(_row(*found) for found in cursor.fetchall())
    classes = sorted({row.transfer_class for row in rows})
    return BilledBytes(
        rows, tuple(_of_class([row for row in rows if row.transfer_class == n]) for n in classes)
    )


def _row(
    cluster: str,
    day: date,
    name: str,
    billed: Decimal | None,
    once: Decimal | None,
    unread: int,
    measured: Decimal | None,
    amounts: Any,
) -> BytesRow:
    by_currency = json.loads(amounts) if isinstance(amounts, str) else amounts
    return BytesRow(
        cluster,
        day,
        name,
        billed,
        once,
        unread,
        None if measured is None else int(measured),
        {currency: int(amount) for currency, amount in sorted(by_currency.items())},
    )


def _sum(sizes: Iterable[Decimal | None]) -> Decimal | None:
    """Of those that are known; None where none is."""
    known = [size for size in sizes if size is not None]
    return sum(known, Decimal(0)) if known else None


def _of_class(rows: Sequence[BytesRow]) -> BytesRow:
    """The total of one class, with its clusters over all days."""
    clusters = sorted({row.cluster or "" for row in rows})
    parts = [_total(cluster, [row for row in rows if (row.cluster or "") == cluster]) for cluster in clusters]
    return replace(_total(None, rows), of_clusters=tuple(parts))


def _total(cluster: str | None, rows: Sequence[BytesRow]) -> BytesRow:
    amounts: dict[str, int] = {}
    for row in rows:
        for currency, amount in row.amounts.items():
            amounts[currency] = amounts.get(currency, 0) + amount
    return BytesRow(
        cluster,
        None,
        rows[0].transfer_class,
        known_sum(row.billed for row in rows),
        known_sum(row.once for row in rows),
        sum(row.unread for row in rows),
        known_sum(row.measured for row in rows),
        dict(sorted(amounts.items())),
    )
