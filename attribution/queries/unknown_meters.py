"""Meters of providers that tell no model: what they cost cannot be divided by that model's tokens."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.domain.billed_account import account_in
from attribution.queries.organization import organization
from attribution.queries.span import span_of
from attribution.sql import statement


class UnknownMeter(NamedTuple):
    """A meter as a source's bills write it ("": no column names one), and what they say of it.

    `rows` with a part in the range, of which the first begins at `first_seen` and the last ends at
    `last_seen`; None where the bill's rows are dropped. The amount is that of the range.
    """

    source: str
    meter: str
    currency: str
    amount_nano: int
    rows: int | None
    first_seen: datetime | None
    last_seen: datetime | None


def unknown_meters(start: datetime, end: datetime) -> list[UnknownMeter]:
    """Of current bills in the hours that start in [start, end), the dearest first. ValueError if empty."""
    span = span_of(start, end, organization().zone).parameters()
    sums: dict[tuple[int, str, str], int] = {}
    names: dict[int, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement("unknown_meters"), span)
        for source, names[source], resource, currency, amount in cursor:
            key = (source, currency, account_in(resource).meter)
            sums[key] = sums.get(key, 0) + int(amount)
        if not sums:
            return []
        wanted = {"sources": list(names), "meters": sorted({meter for _, _, meter in sums})}
        cursor.execute(statement("meter_rows"), span | wanted)
        seen = {(source, currency, meter): rest for source, currency, meter, *rest in cursor}
    rows = [
        UnknownMeter(
            names[source], meter, currency, amount, *seen.get((source, currency, meter), (None, None, None))
        )
        for (source, currency, meter), amount in sums.items()
    ]
    return sorted(rows, key=lambda row: (-abs(row.amount_nano), row[:3]))
