"""Requests behind a unit cost, of pinned versions."""

from typing import Any, NamedTuple

from django.db import connection

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.versions import Pinned
from attribution.queries.requests import UNKNOWN, Requests
from attribution.sql import statement


class Counted(NamedTuple):
    """Requests, and of how many ledger rows they are the sum."""

    requests: Requests
    rows: int


def counted(asked: Asked, pinned: Pinned) -> Counted:
    """Requests of the range; the filters by tenant, service and model count."""
    if not pinned.windows:
        return Counted(UNKNOWN, 0)
    with connection.cursor() as cursor:
        cursor.execute(statement("explain_usage"), asked.parameters() | pinned.parameters())
        *sums, rows = cursor.fetchone()
    return Counted(Requests(*map(_whole, sums)), rows)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
