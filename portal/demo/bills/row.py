"""One charge, and the FOCUS 1.2 file that it stands in."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from portal.demo.span import DAY, Span


@dataclass(frozen=True)
class Payee:
    """Who sends the bill, and the account it goes to."""

    provider: str
    publisher: str
    account: str
    sub_account: str


@dataclass(frozen=True)
class Row:
    """A charge. `effective` None means: as billed. `more` are columns that few charges have."""

    payee: Payee
    start: datetime
    end: datetime
    category: str
    service: str
    service_category: str
    description: str
    billed: Decimal
    effective: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    frequency: str = "Usage-Based"
    tags: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)


# The columns of every file, in FOCUS's order; the custom one stands last.
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountId", "CommitmentDiscountStatus",
    "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost",
    "InvoiceId", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName",
    "RegionId", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId",
    "SkuMeter", "SkuPriceDetails", "SubAccountId", "SubAccountName", "Tags", "x_UsageType",
)  # fmt: skip


def write_bill(path: Path, rows: Iterable[Row], period: tuple[datetime, datetime], invoice: str) -> None:
    """Write the rows of one billing period as FOCUS 1.2 CSV; `invoice` is "" while the month runs."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(_columns(row, period) | {"InvoiceId": invoice} for row in rows)


def _columns(row: Row, period: tuple[datetime, datetime]) -> dict[str, str]:
    effective = row.billed if row.effective is None else row.effective
    listed = max(effective, row.billed, key=abs)
    return {
        "BilledCost": format(row.billed, "f"),
        "BillingAccountId": row.payee.account,
        "BillingAccountName": "Meridian Group",
        "BillingCurrency": "USD",
        "BillingPeriodStart": _moment(period[0]),
        "BillingPeriodEnd": _moment(period[1]),
        "ChargeCategory": row.category,
        "ChargeDescription": row.description,
        "ChargeFrequency": row.frequency,
        "ChargePeriodStart": _moment(row.start),
        "ChargePeriodEnd": _moment(row.end),
        "ConsumedQuantity": _number(row.quantity) if row.category == "Usage" else "",
        "ConsumedUnit": (row.unit or "") if row.category == "Usage" else "",
        "ContractedCost": format(listed, "f"),
        "EffectiveCost": format(effective, "f"),
        "InvoiceIssuerName": row.payee.publisher,
        "ListCost": format(listed, "f"),
        "PricingQuantity": _number(row.quantity),
        "PricingUnit": row.unit or "",
        "ProviderName": row.payee.provider,
        "PublisherName": row.payee.publisher,
        "ServiceCategory": row.service_category,
        "ServiceName": row.service,
        "SubAccountId": row.payee.sub_account,
        "SubAccountName": row.payee.sub_account,
        "Tags": json.dumps(row.tags, sort_keys=True) if row.tags else "",
        **row.more,
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _number(quantity: Decimal | None) -> str:
    return "" if quantity is None else format(quantity, "f")


def days(span: Span, until: datetime | None = None) -> list[tuple[datetime, datetime]]:
    """The days of the span, or those before `until`, as charge periods."""
    return [(day, day + DAY) for day in span.each_day() if until is None or day < until]


def months(span: Span, until: datetime | None = None) -> list[tuple[datetime, datetime]]:
    """What of each month lies in the span: a month-to-date bill charges no day that has not come."""
    end = min(span.end, until or span.end)
    parts = [(max(first, span.start), min(after, end)) for first, after in span.months()]
    return [part for part in parts if part[0] < part[1]]
