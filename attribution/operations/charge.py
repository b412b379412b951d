"""One line of a bill."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Charge:
    """One FOCUS row; names are FOCUS's in snake_case. `extra` has every column without a name here."""

    row_number: int
    file: str
    line: int
    charge_period_start: datetime
    charge_period_end: datetime
    billing_currency: str
    billed_cost: Decimal
    effective_cost: Decimal
    list_cost: Decimal | None
    contracted_cost: Decimal | None
    charge_category: str
    charge_class: str | None = None
    charge_description: str | None = None
    charge_frequency: str | None = None
    service_category: str | None = None
    service_name: str | None = None
    resource_id: str | None = None
    resource_name: str | None = None
    resource_type: str | None = None
    region_id: str | None = None
    sub_account_id: str | None = None
    invoice_id: str | None = None
    sku_id: str | None = None
    sku_meter: str | None = None
    commitment_discount_id: str | None = None
    commitment_discount_status: str | None = None
    capacity_reservation_status: str | None = None
    consumed_quantity: Decimal | None = None
    consumed_unit: str | None = None
    pricing_quantity: Decimal | None = None
    pricing_unit: str | None = None
    tags: dict[str, Any] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
