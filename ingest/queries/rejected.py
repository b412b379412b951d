"""What could not be used: how much of it, and each with its place and reason."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Sum

from ingest.models import Rejection
from ingest.sources.bill_kinds import BILL_KINDS


class RejectedAmount(NamedTuple):
    """Rejected rows of a source's bills; `amount` is the sum of those that could be read, None of none."""

    source: str
    currency: str
    rows: int
    amount: str | None


class RejectedRow(NamedTuple):
    """One rejection; `hour` is set for live sources, file and line for files."""

    id: int
    source: str
    file: str
    line: int
    column: str
    hour: datetime | None
    expected: str
    found: str
    reason: str


def rejected_amounts() -> list[RejectedAmount]:
    """Rejected rows of bills by source and currency."""
    rows = (
        Rejection.objects.filter(source__kind__in=BILL_KINDS)
        .values("source__name", "currency")
        .annotate(rows=Count("pk"), amount=Sum("amount"))
        .order_by("source__name", "currency")
    )
    return [RejectedAmount(r["source__name"], r["currency"], r["rows"], _short(r["amount"])) for r in rows]


def _short(amount: Decimal | None) -> str | None:
    """All digits that say something: the database pads with zeros."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rejected_rows(source: str = "", after: int = 0, limit: int = 50) -> Sequence[RejectedRow]:
    """Rejections in the order in which they came, of all sources or one, those after an id."""
    rows = Rejection.objects.filter(pk__gt=after).order_by("pk")
    if source:
        rows = rows.filter(source__name=source)
    fields = ("pk", "source__name", "file", "line", "column", "hour", "expected", "found", "reason")
    return [RejectedRow(*row) for row in rows.values_list(*fields)[:limit]]
