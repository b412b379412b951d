"""Meters of providers that tell no model: what they cost cannot be divided by that model's tokens."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.domain.billed_account import account_in
from attribution.queries.organization import organization
from attribution.queries.span import span_of
from attribution.sql import statement


class UnknownMeter(NamedTuple):
    """A meter as a source's bills write it, and what they say of it."""

    source: str
    meter: str
    currency: str
    amount_nano: int


def unknown_meters(start: datetime, end: datetime) -> list[UnknownMeter]:
    """Of current bills in the hours that start in [start, end), the dearest first. ValueError if empty."""
    sums: dict[tuple[str, str, str], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement("unknown_meters"), span_of(start, end, organization().zone).parameters())
        for source, resource, currency, amount in cursor:
            key = (source, account_in(resource).meter, currency)
            sums[key] = sums.get(key, 0) + int(amount)
    rows = [UnknownMeter(*key, amount) for key, amount in sums.items()]
    return sorted(rows, key=lambda row: (-abs(row.amount_nano), row))
