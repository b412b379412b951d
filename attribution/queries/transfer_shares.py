"""Who bears which part of the network's cost, and the bytes that made it so."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.names import names_of
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.status import Status, status_of
from attribution.sql import statement


@dataclass(frozen=True)
class TransferShare:
    """One tenant (None: nobody's) and class of route ("": the bill does not say) in one currency.

    `transferred` are the measured bytes that divided the money, None where it was not divided by bytes. The
    bytes of a class that two bills pay for stand once for each of them. `amount_nano` None: unpriced.
    """

    tenant: str | None
    kind: str
    transfer_class: str
    currency: str
    transferred: int | None
    amount_nano: int | None
    status: Status


def transfer_shares(
    start: datetime, end: datetime, filters: CostFilters = NO_FILTERS, scope: TenantScope = EVERYBODY
) -> list[TransferShare]:
    """By tenant (nobody last), kind, class and currency, of hours that start in [start, end).

    `filters`: tenants and clusters count. Raises ValueError for an empty range.
    """
    if end <= start:
        raise ValueError(f"the range ends {end.isoformat()}, not after its start {start.isoformat()}")
    parameters = {"start": start, "end": end} | filters.parameters(scope)
    with connection.cursor() as cursor:
        cursor.execute(statement("transfer_shares"), parameters)
        rows = cursor.fetchall()
    names = names_of("tenant")
    shares = [
        TransferShare(
            names.get(tenant),
            kind,
            part,
            currency,
            None if size is None else int(size),
            None if amount is None else int(amount),
            status_of(some, every),
        )
        for tenant, kind, part, currency, size, amount, some, every in rows
    ]
    return sorted(shares, key=_order)


def _order(share: TransferShare) -> tuple[bool, str, str, str, str]:
    return share.tenant is None, share.tenant or "", share.kind, share.transfer_class, share.currency
