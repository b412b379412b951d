"""Rows of Azure's cost details, actual or amortised, become charges. Pure."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from ingest.sources.azure_export.columns import places, used_keys
from ingest.sources.focus.cells import BadCell, currency_of, decimal_of, moment_of, tags_of
from ingest.sources.native_bill import Record, Span

DAY = timedelta(days=1)
_EXACT = Context(prec=100)
_SCALE_SET = re.compile(r"(.*vmss)_(\d{1,9})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CATEGORY = {
    "usage": "Usage",
    "purchase": "Purchase",
    "refund": "Adjustment",
    "adjustment": "Adjustment",
    "roundingadjustment": "Adjustment",
    "tax": "Tax",
    "credit": "Credit",
    "unusedreservation": "Usage",
    "unusedsavingsplan": "Usage",
}
_COVERED = ("reservation", "savingsplan")
# FOCUS's service category, by meter category, else by service family (which names who uses a disk).
_SERVICE = {
    "Bandwidth": "Networking",
    "Load Balancer": "Networking",
    "Virtual Network": "Networking",
    "Compute": "Compute",
    "Containers": "Compute",
    "Storage": "Storage",
    "Networking": "Networking",
    "Databases": "Databases",
    "AI + Machine Learning": "AI and Machine Learning",
    "Management and Governance": "Management and Governance",
}


class CostDetails:
    """Cost details with this header. Raises ValueError for one without the mandatory columns."""

    volatile: frozenset[str] = frozenset()

    def __init__(self, header: Sequence[str]) -> None:
        self._places = places(header)
        self.typed = used_keys(self._places)

    def period(self, record: Record) -> Span:
        """The billing period; Azure names its last day, which is included."""
        start, end = (
            _day(self._name(short), self._needed(record, short)) for short in ("period_start", "period_end")
        )
        return start, end if end.day == 1 and end > start else end + DAY

    def charges(self, record: Record, period: Span) -> Sequence[dict[str, Any]]:
        """One charge for the row. Without a commitment's purchase in it, its usage was not billed here."""
        start = _day(self._name("date"), self._needed(record, "date"))
        cost = decimal_of(self._name("cost"), self._needed(record, "cost"))
        kind = (self._text(record, "type") or "").replace(" ", "").casefold()
        status = self._commitment(record, kind)
        quantity = self._decimal(record, "quantity")
        currency = currency_of(self._name("currency"), self._needed(record, "currency"))
        return [
            self._names(record)
            | {
                "charge_period_start": start,
                "charge_period_end": start + DAY,
                "billing_currency": currency,
                "billed_cost": Decimal(0) if status else cost,
                "effective_cost": cost,
                "list_cost": self._list_cost(record, quantity),
                "contracted_cost": None,
                "charge_category": _CATEGORY.get(kind, "Usage"),
                "charge_class": "Correction" if start + DAY <= period[0] else None,
                "commitment_discount_status": status,
                "consumed_quantity": quantity,
                "consumed_unit": self._text(record, "unit"),
                "pricing_quantity": quantity,
                "pricing_unit": self._text(record, "unit"),
            }
        ]

    def lacking(self, record: Record) -> tuple[Decimal | None, str]:
        """The row's cost."""
        currency = currency_of("", self._text(record, "currency") or "")
        return decimal_of("", self._text(record, "cost") or ""), currency

    def exported_at(self, record: Record) -> datetime | None:
        """Rows do not say; the manifest does."""
        return None

    def _commitment(self, record: Record, kind: str) -> str | None:
        if kind.startswith("unused"):
            return "Unused"
        model = (self._text(record, "pricing_model") or "").replace(" ", "").casefold()
        return "Used" if kind == "usage" and model in _COVERED else None

    def _list_cost(self, record: Record, quantity: Decimal | None) -> Decimal | None:
        price = self._decimal(record, "list_price")
        return None if price is None or quantity is None else _EXACT.multiply(price, quantity)

    def _names(self, record: Record) -> dict[str, Any]:
        details = tags_of(self._text(record, "details") or "") or {}
        meter = " ".join(filter(None, (self._text(record, "sub_category"), self._text(record, "meter"))))
        tags, extra = _tags(self._text(record, "tags")), _made_up(details)
        if tags is None and (text := self._text(record, "tags")):
            extra["Tags"] = text
        return {
            "charge_description": self._text(record, "product") or meter,
            "charge_frequency": self._text(record, "frequency"),
            "service_category": _SERVICE.get(self._text(record, "category") or "")
            or _SERVICE.get(self._text(record, "family") or ""),
            "service_name": self._text(record, "category"),
            "resource_id": self._text(record, "resource"),
            "resource_name": _node_name(details.get("VMName")) or self._text(record, "resource_name"),
            "resource_type": self._text(record, "consumed_service"),
            "region_id": self._text(record, "region"),
            "sub_account_id": self._text(record, "subscription"),
            "invoice_id": self._text(record, "invoice"),
            "sku_id": self._text(record, "meter_id"),
            "sku_meter": meter or None,
            "commitment_discount_id": self._text(record, "benefit"),
            "tags": tags,
            "extra": extra,
        }

    def _text(self, record: Record, short: str) -> str | None:
        place = self._places.get(short)
        return record.get(place[0]) if place else None

    def _name(self, short: str) -> str:
        return self._places[short][1]

    def _needed(self, record: Record, short: str) -> str:
        text = self._text(record, short)
        if text is None:
            raise BadCell(self._name(short), "a value", None)
        return text

    def _decimal(self, record: Record, short: str) -> Decimal | None:
        text = self._text(record, short)
        return None if text is None else decimal_of(self._name(short), text)


@lru_cache(maxsize=8_192)
def _day(column: str, text: str) -> datetime:
    """A day as 2026-05-01 or, from older agreements, 05/01/2026: month first, as Azure documents."""
    if match := _US_DATE.fullmatch(text.strip()):
        month, day, year = map(int, match.groups())
        try:
            return moment_of(column, f"{year:04}-{month:02}-{day:02}")
        except BadCell:
            raise BadCell(column, "a day such as 2026-05-31 or 05/31/2026", text) from None
    moment = moment_of(column, text)
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


@lru_cache(maxsize=8_192)
def _tags(text: str | None) -> dict[str, Any] | None:
    """Azure leaves the braces off."""
    if not text:
        return None
    return tags_of(text if text.lstrip().startswith("{") else "{" + text + "}")


def _node_name(machine: object) -> str | None:
    """A machine of a scale set as Kubernetes calls it: `…-vmss_37` is the node `…-vmss000011`, in base 36."""
    if not isinstance(machine, str):
        return None
    match = _SCALE_SET.fullmatch(machine)
    if not match:
        return machine or None
    number, digits = int(match[2]), ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return f"{match[1]}{digits:0>6}"


def _made_up(details: dict[str, Any]) -> dict[str, Any]:
    """What recognition of lines asks for under FOCUS's names."""
    size = details.get("ServiceType")
    if not isinstance(size, str) or not size:
        return {}
    return {"x_UsageType": size, "SkuPriceDetails": json.dumps({"InstanceType": size})}
