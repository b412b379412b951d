"""How much of the world a figure rests on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection

from attribution.queries.costs import CostTotal, costs_by
from attribution.queries.filters import NO_FILTERS, CostFilters
from attribution.queries.organization import organization
from attribution.queries.requests import all_requests, requests_by
from attribution.queries.scope import EVERYBODY, TenantScope
from attribution.queries.span import span_of
from attribution.queries.utilization import share, utilization
from attribution.sql import statement


@dataclass(frozen=True)
class Coverage:
    """Shares from 0 to 1 to six decimals; None is unknown (or not for this reader), never 0.

    Of device-minutes, those with a sample; of requests, those with a tenant; of each currency's bill
    amount, what is not for machines that telemetry never showed.
    """

    device_minutes: Decimal | None
    requests: Decimal | None
    bill_amount: dict[str, Decimal | None] = field(default_factory=dict)


def coverage(
    start: datetime,
    end: datetime,
    filters: CostFilters = NO_FILTERS,
    tenants: TenantScope = EVERYBODY,
    costs: Iterable[CostTotal] | None = None,
) -> Coverage:
    """Coverage of the hours that start in [start, end).

    Whoever is bound to tenants learns only about the device-minutes that these bear: requests without a
    tenant and bills belong to everybody. `costs` are the totals of what they bear there, where these have
    been asked for already: then nothing is asked once more.
    """
    if tenants.bound:
        totals = costs_by(start, end, (), filters, tenants).totals if costs is None else costs
        return Coverage(_of_borne_minutes(totals), None)
    minutes = utilization(start, end, (), filters).total
    asked = all_requests(requests_by(start, end, (), filters))
    return Coverage(
        share(minutes.sampled_minutes, minutes.device_minutes) if minutes else None,
        None if not asked.requests else share(asked.with_tenant or 0, asked.requests),
        _bill_amount(start, end, filters),
    )


def _of_borne_minutes(costs: Iterable[CostTotal]) -> Decimal | None:
    borne = [(one.device_minutes, one.no_data_minutes or 0) for one in costs if one.device_minutes]
    whole = sum((minutes for minutes, _ in borne), Decimal(0))
    return share(whole - sum(missing for _, missing in borne), whole)


def _bill_amount(start: datetime, end: datetime, filters: CostFilters) -> dict[str, Decimal | None]:
    span = span_of(start, end, organization().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("bill_matched_from_days" if span.days else "bill_matched_from_lines"),
            span.parameters() | filters.parameters(EVERYBODY),
        )
        return {
            currency: None if amount is None else share(amount - not_seen, amount)
            for currency, amount, not_seen in cursor.fetchall()
        }
