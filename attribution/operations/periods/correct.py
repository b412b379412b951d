"""Money of a closed month is moved from one bearer to another, by people: posted to an open month."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.money import from_nano, largest_remainder
from attribution.domain.months import month_bounds
from attribution.operations.periods.adjust import posting_hour
from attribution.operations.periods.reopen import may_reopen
from attribution.operations.periods.steps import CannotStep
from attribution.operations.windows import mark_dirty
from attribution.queries.organization import organization
from attribution.sql import statement


class Bearer(NamedTuple):
    """Who bears it, for what: tenant id 0 is the platform."""

    tenant_id: int
    use: str


class Correction(NamedTuple):
    """`amount_nano` > 0 of a closed month goes from giver to taker; `service_id` 0: of all services."""

    month: date
    cluster_id: int
    currency: str
    amount_nano: int
    giver: Bearer
    taker: Bearer
    service_id: int = 0


class Cell(NamedTuple):
    """What the giver bears of an hour, and what it is made of."""

    hour: datetime
    version: int
    kind: str
    part: str
    pool_id: int
    pool_service_id: int
    resource: str
    bill_id: int
    estimated: bool
    service_id: int
    model_id: int
    amount_nano: int


def cells_of(correction: Correction) -> list[Cell]:
    """The cells that it would be taken from, with what is there.

    Raises CannotStep for a month that is not closed, and where less is borne than would be taken.
    """
    may_reopen(correction.month)
    start, end = month_bounds(correction.month, organization().zone)
    given: dict[str, Any] = {
        "cluster": correction.cluster_id,
        "tenant": correction.giver.tenant_id,
        "use": correction.giver.use,
        "currency": correction.currency,
        "service": correction.service_id,
        "start": start,
        "end": end,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("borne_cells"), given)
        cells = [Cell(*row) for row in cursor.fetchall()]
    there = sum(cell.amount_nano for cell in cells)
    if there < correction.amount_nano:
        found, wanted = (format(from_nano(nano), "f") for nano in (max(there, 0), correction.amount_nano))
        raise CannotStep(
            f"{correction.month:%Y-%m}: {found} {correction.currency} are borne there,"
            f" less than the {wanted} that would be moved"
        )
    return [cell for cell in cells if cell.amount_nano > 0]


def correct(correction: Correction, *, change_id: int, now: datetime) -> int:
    """Post it to the first open month; returns how many rows. Each hour and pool balances.

    Taken from the hours in proportion to what is borne there, each row linked to the hour, version and cell
    that it corrects. Raises CannotStep as `cells_of`.
    """
    cells = cells_of(correction)
    parts = largest_remainder(correction.amount_nano, [cell.amount_nano for cell in cells]) or []
    posted = posting_hour(correction.month)
    rows = [
        (correction.cluster_id, posted, now, *cell[:9], correction.currency, bearer.use, cell.service_id,
         bearer.tenant_id, cell.model_id, "policy", sign * part, change_id)
        for cell, part in zip(cells, parts, strict=True)
        for sign, bearer in ((-1, correction.giver), (1, correction.taker))
        if part
    ]  # fmt: skip
    _insert(rows)
    mark_dirty(cluster_id=correction.cluster_id, hours=[posted])
    return len(rows)


_COLUMNS = """cluster_id, posted_hour, posted_at, hour, version, kind, part, pool_id, pool_service_id,
              resource, bill_id, estimated, currency, use, service_id, tenant_id, model_id, basis,
              amount_nano, change_id"""


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    """In one statement, since the guard looks at all of a change's rows together."""
    places = f"({', '.join(['%s'] * 20)})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO adjustment ({_COLUMNS}) VALUES {', '.join([places] * len(rows))}",  # noqa: S608  # constants
            [value for row in rows for value in row],
        )
