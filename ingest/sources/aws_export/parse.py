"""Rows of CUR 2.0 and of the legacy Cost and Usage Report become charges. Pure."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ingest.sources.aws_export.columns import KEY, USED, VOLATILE
from ingest.sources.aws_export.costs import Cost, costs_of
from ingest.sources.aws_export.services import category_of
from ingest.sources.focus.cells import currency_of, moment_of, tags_of
from ingest.sources.native_bill import Record, Span, decimal_at, folded, needed

SECOND = timedelta(seconds=1)
_UNUSED_CAPACITY = re.compile(r"(?:^|-)Unused(?:Box|Ded)")
_TAG_COLUMN = re.compile(r"resource(?:Tags/|_tags_)(.+)")


class Cur:
    """A Cost and Usage Report; `tag_columns` are (folded name, tag) of a legacy one."""

    typed = frozenset(KEY[short] for short in USED)
    volatile = VOLATILE

    def __init__(self, header: Sequence[str]) -> None:
        self.tag_columns = _tag_columns(header)

    def period(self, record: Record) -> Span:
        """The billing period; its end is exclusive."""
        return _moment(record, "period_start"), _moment(record, "period_end")

    def charges(self, record: Record, period: Span) -> Sequence[dict[str, Any]]:
        """One charge for each cost of the line."""
        shared = self._shared(record, period)
        return [shared | _of_cost(cost) for cost in costs_of(record)]

    def lacking(self, record: Record) -> tuple[Decimal | None, str]:
        """The line's effective cost."""
        effective = sum((cost.effective for cost in costs_of(record)), Decimal(0))
        return effective, currency_of("", record.get(KEY["currency"]) or "")

    def exported_at(self, record: Record) -> datetime | None:
        """Lines do not say; the manifest does."""
        return None

    def _shared(self, record: Record, period: Span) -> dict[str, Any]:
        start, end = _charge_period(record)
        currency, tags = needed(record, KEY["currency"], USED["currency"]), self._tags(record)
        used, unit = decimal_at(record, KEY["amount"], USED["amount"]), record.get(KEY["unit"])
        return _names(record, tags) | {
            "charge_period_start": start,
            "charge_period_end": end,
            "billing_currency": currency_of(USED["currency"], currency),
            "list_cost": decimal_at(record, KEY["on_demand"], USED["on_demand"]),
            "contracted_cost": None,
            # A line about a time before the billing period corrects what was invoiced for that time.
            "charge_class": "Correction" if end <= period[0] else None,
            "consumed_quantity": used,
            "consumed_unit": unit,
            "pricing_quantity": used,
            "pricing_unit": unit,
            "tags": tags,
        }

    def _tags(self, record: Record) -> dict[str, Any] | None:
        text = record.get(KEY["tags"])
        tags = (tags_of(text) if text else None) or {}
        legacy = {tag: value for key, tag in self.tag_columns if (value := record.get(key)) is not None}
        return tags | legacy or None


def _tag_columns(header: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Tags with a column each: `resourceTags/user:Owner`, in Parquet `resource_tags_user_owner`."""
    found = ((name, _TAG_COLUMN.match(name)) for name in header)
    return tuple((folded(name), match[1]) for name, match in found if match)


def _names(record: Record, tags: dict[str, Any] | None) -> dict[str, Any]:
    usage_type, product = record.get(KEY["usage_type"]), record.get(KEY["product"])
    products = _object(record.get(KEY["products"]))
    unused = _UNUSED_CAPACITY.search(usage_type or "")
    return {
        "charge_description": record.get(KEY["description"]),
        "service_category": category_of(product, record.get(KEY["family"])),
        "service_name": record.get(KEY["product_name"]) or products.get("product_name") or product,
        "resource_id": record.get(KEY["resource"]),
        "region_id": record.get(KEY["region"]) or record.get(KEY["old_region"]),
        "sub_account_id": record.get(KEY["account"]),
        "invoice_id": record.get(KEY["invoice"]),
        "sku_id": record.get(KEY["sku"]),
        "sku_meter": usage_type,
        "commitment_discount_id": record.get(KEY["plan"]) or record.get(KEY["reservation"]),
        "capacity_reservation_status": "Unused" if unused else None,
        "extra": _made_up(record, products, tags),
    }


def _of_cost(cost: Cost) -> dict[str, Any]:
    return {
        "billed_cost": cost.billed,
        "effective_cost": cost.effective,
        "charge_category": cost.category,
        "charge_frequency": cost.frequency,
        "commitment_discount_status": cost.status,
    }


def _charge_period(record: Record) -> Span:
    """Fees and taxes end at 23:59:59, which is included; refunds may begin and end at one moment."""
    start, end = _moment(record, "start"), _moment(record, "end")
    if end.second == 59 or end == start:
        end += SECOND
    return start, end


def _moment(record: Record, short: str) -> datetime:
    return moment_of(USED[short], needed(record, KEY[short], USED[short]))


def _object(text: str | None) -> dict[str, Any]:
    return (tags_of(text) if text else None) or {}


def _made_up(record: Record, products: dict[str, Any], tags: dict[str, Any] | None) -> dict[str, Any]:
    """What recognition of lines asks for under FOCUS's names."""
    extra: dict[str, Any] = {}
    if usage_type := record.get(KEY["usage_type"]):
        extra["x_UsageType"] = usage_type
    if kind := record.get(KEY["type"]):
        extra["x_LineItemType"] = kind
    details = {}
    if instance := record.get(KEY["instance"]) or products.get("instance_type"):
        details["InstanceType"] = instance
    gpus = str(record.get(KEY["gpus"]) or products.get("gpu") or "")
    if gpus.isdecimal():
        details["GpuCount"] = gpus
    if details:
        extra["SkuPriceDetails"] = json.dumps(details)
    text = record.get(KEY["tags"])
    if text and tags is None and text.strip() not in ("", "{}"):
        extra["Tags"] = text
    return extra
