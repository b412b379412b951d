"""Rows of Google Cloud's detailed usage cost export become charges. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ingest.sources.focus.cells import EARLIEST, LATEST, BadCell, currency_of, decimal_of, moment_of
from ingest.sources.gcp_export.columns import KEY, USED
from ingest.sources.gcp_export.credits import Credits, credits_of
from ingest.sources.gcp_export.flatten import decode
from ingest.sources.native_bill import Record, Span, decimal_at, needed

# Google's invoice months begin at midnight in this zone, while usage times are UTC.
PACIFIC = ZoneInfo("America/Los_Angeles")
SECOND = timedelta(seconds=1)
_EXACT = Context(prec=100)
_MONTH = re.compile(r"(\d{4})-?(\d{2})")
_CATEGORY = {"tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}
_SERVICE = {
    "Cloud Logging": "Management and Governance",
    "Cloud Monitoring": "Management and Governance",
    "Cloud Storage": "Storage",
    "Compute Engine": "Compute",
    "Filestore": "Storage",
    "Kubernetes Engine": "Compute",
    "Networking": "Networking",
    "Vertex AI": "AI and Machine Learning",
}


class DetailedUsage:
    """Rows as Google writes them to BigQuery, flattened."""

    typed = frozenset(KEY[short] for short in USED)
    # A row that Google writes again says the same at another time.
    volatile = frozenset((KEY["export_time"],))

    def period(self, record: Record) -> Span:
        """The invoice's month, from midnight to midnight in Pacific time."""
        return _month(needed(record, KEY["month"], USED["month"]))

    def charges(self, record: Record, period: Span) -> Sequence[dict[str, Any]]:
        """The usage less its discounts, and each promotion as a credit of its own."""
        cost = decimal_of(USED["cost"], needed(record, KEY["cost"], USED["cost"]))
        credits = credits_of(record.get(KEY["credits"]))
        shared = self._shared(record)
        usage = shared | self._usage(record, cost, credits)
        return [usage] + [shared | _promotion(name, amount) for name, amount in credits.promotions]

    def lacking(self, record: Record) -> tuple[Decimal | None, str]:
        """The cost less all credits."""
        cost = decimal_of("", record.get(KEY["cost"]) or "")
        credits = credits_of(record.get(KEY["credits"]))
        total = sum((amount for _, amount in credits.promotions), _EXACT.add(cost, credits.discount))
        return total, currency_of("", record.get(KEY["currency"]) or "")

    def exported_at(self, record: Record) -> datetime | None:
        """The time at which the row arrived in the export."""
        text = record.get(KEY["export_time"])
        return moment_of("export_time", _iso(text)) if text else None

    def _usage(self, record: Record, cost: Decimal, credits: Credits) -> dict[str, Any]:
        net = _EXACT.add(cost, credits.discount)
        kind, sku = record.get(KEY["cost_type"]) or "regular", record.get(KEY["sku"]) or ""
        fee = kind == "regular" and sku.startswith("Commitment")
        category = "Purchase" if fee else _CATEGORY.get(kind, "Usage")
        return {
            "billed_cost": net,
            "effective_cost": net,
            "list_cost": decimal_at(record, KEY["list"], USED["list"]),
            "contracted_cost": None,
            "charge_category": category,
            "charge_class": "Correction" if record.get(KEY["correction"]) else None,
            "charge_frequency": "Recurring" if fee else "Usage-Based" if category == "Usage" else None,
            "commitment_discount_status": "Used" if credits.committed else None,
            "consumed_quantity": decimal_at(record, KEY["amount"], USED["amount"]),
            "consumed_unit": record.get(KEY["unit"]),
            "pricing_quantity": decimal_at(record, KEY["priced_amount"], USED["priced_amount"]),
            "pricing_unit": record.get(KEY["priced_unit"]),
        }

    def _shared(self, record: Record) -> dict[str, Any]:
        start, end = _moment(record, "start"), _moment(record, "end")
        sku, service = record.get(KEY["sku"]), record.get(KEY["service"])
        return {
            "charge_period_start": start,
            # Taxes and adjustments may begin and end at one moment.
            "charge_period_end": end + SECOND if end == start else end,
            "billing_currency": currency_of(
                USED["currency"], needed(record, KEY["currency"], USED["currency"])
            ),
            "charge_description": sku,
            "service_category": _SERVICE.get(service or ""),
            "service_name": service,
            "resource_id": record.get(KEY["resource"]),
            "resource_name": record.get(KEY["resource_name"]),
            "region_id": record.get(KEY["region"]),
            "sub_account_id": record.get(KEY["project"]),
            "sku_id": record.get(KEY["sku_id"]),
            "sku_meter": sku,
            "tags": _labels(record.get(KEY["labels"])),
            "extra": _made_up(record),
        }


def _promotion(name: str, amount: Decimal) -> dict[str, Any]:
    return {
        "billed_cost": amount,
        "effective_cost": amount,
        "list_cost": None,
        "contracted_cost": None,
        "charge_category": "Credit",
        "charge_description": name,
    }


@lru_cache(maxsize=256)
def _month(text: str) -> Span:
    match = _MONTH.fullmatch(text.strip())
    if not match or not 1 <= int(match[2]) <= 12 or not EARLIEST.year <= int(match[1]) < LATEST.year:
        raise BadCell(USED["month"], "a month such as 202605", text)
    year, month = int(match[1]), int(match[2])
    start = datetime(year, month, 1, tzinfo=PACIFIC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=PACIFIC)
    return start.astimezone(UTC), end.astimezone(UTC)


def _moment(record: Record, short: str) -> datetime:
    return moment_of(USED[short], _iso(needed(record, KEY[short], USED[short])))


def _iso(text: str) -> str:
    """BigQuery writes `2026-05-01 00:00:00 UTC` into CSV and JSON."""
    return text.strip().removesuffix(" UTC")


@lru_cache(maxsize=8_192)
def _labels(text: str | None) -> dict[str, Any] | None:
    """`[{"key": "team", "value": "a"}]`, or an object."""
    labels = _listed(text)
    return {str(label.get("key")): label.get("value") for label in labels} or None


def _listed(text: str | None) -> list[dict[str, Any]]:
    try:
        listed = decode(text) if text else []
    except (ValueError, RecursionError):
        listed = []
    if isinstance(listed, dict):
        return [{"key": key, "value": value} for key, value in listed.items()]
    return [label for label in listed if isinstance(label, dict)] if isinstance(listed, list) else []


def _made_up(record: Record) -> dict[str, Any]:
    """What recognition of lines asks for under FOCUS's names: the machine type."""
    for label in _listed(record.get(KEY["system_labels"])):
        if label.get("key") == "compute.googleapis.com/machine_spec" and label.get("value"):
            return {"x_UsageType": str(label["value"])}
    return {}
