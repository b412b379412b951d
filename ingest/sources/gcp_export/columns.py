"""Columns of Google Cloud's detailed usage cost export, flattened: `service.description`.

Source: Google "Structure of detailed usage cost data export" (2026-06).
"""

from collections.abc import Iterable

from ingest.sources.native_bill import folded

USED = {
    "month": "invoice.month",
    "start": "usage_start_time",
    "end": "usage_end_time",
    "cost": "cost",
    "currency": "currency",
    "cost_type": "cost_type",
    "credits": "credits",
    "list": "cost_at_list",
    "service": "service.description",
    "sku_id": "sku.id",
    "sku": "sku.description",
    "project": "project.id",
    "region": "location.region",
    "resource": "resource.global_name",
    "resource_name": "resource.name",
    "amount": "usage.amount",
    "unit": "usage.unit",
    "priced_amount": "usage.amount_in_pricing_units",
    "priced_unit": "usage.pricing_unit",
    "labels": "labels",
}
# Read too, and kept beside.
READ = {
    "system_labels": "system_labels",
    "correction": "adjustment_info.mode",
    "export_time": "export_time",
}
KEY = {short: folded(name) for short, name in (USED | READ).items()}
MANDATORY = ("month", "start", "end", "cost", "currency", "service", "sku")
# Columns that are records; what is in them is reached as `service.description`.
RECORDS = frozenset(
    ("service", "sku", "project", "location", "resource", "usage", "invoice", "adjustment_info", "price",
     "subscription", "consumption_model")
)  # fmt: skip


def demand_mandatory(names: Iterable[str]) -> None:
    """Raises ValueError with every column that is missing among these flattened names."""
    keys = set(map(folded, names))
    missing = [USED[short] for short in MANDATORY if KEY[short] not in keys]
    if missing:
        raise ValueError(f"mandatory columns of a Google Cloud export are missing: {', '.join(missing)}")
