"""The ledger lines behind a figure."""

from datetime import datetime
from typing import Any, NamedTuple

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.pages import START, Page, Place, page_of
from attribution.queries.explain.versions import Pinned


class EvidenceLine(NamedTuple):
    """One line of one window version, with the number of its cost pool. Ids are 0 where there is none."""

    cluster_id: int
    hour: datetime
    version: int
    number: int
    pool_number: int
    kind: str
    part: str
    pool_id: int
    use: str
    service_id: int
    tenant_id: int
    model_id: int
    currency: str
    amount_nano: int | None
    usage_nano: int | None
    quantity: float | None
    unit: str
    basis: str
    rule_id: int
    reason: str
    estimated: bool


def evidence_lines(
    asked: Asked, pinned: Pinned, *, currency: str | None = None, after: Place = START, limit: int = 100
) -> Page[EvidenceLine]:
    """A page of lines by hour, cluster and number; their amounts sum to the figure's cost."""
    return page_of("explain_lines", _row, _place, asked, pinned, currency=currency, after=after, limit=limit)


def _row(row: tuple[Any, ...]) -> EvidenceLine:
    return EvidenceLine(*row)


def _place(row: EvidenceLine) -> Place:
    return Place(row.hour, row.cluster_id, row.number)
