"""Columns of CUR 2.0 and the legacy Cost and Usage Report, by our own short names.

Sources: AWS "Cost and Usage Report 2.0 dictionary" and "CUR data dictionary" (2026-06). Legacy names
(`lineItem/UnblendedCost`) and those of CUR 2.0 and Athena (`line_item_unblended_cost`) fold to the same key.
"""

from collections.abc import Sequence

from ingest.sources.native_bill import folded

# Short name: CUR 2.0 name. What a row is read from.
USED = {
    "type": "line_item_line_item_type",
    "start": "line_item_usage_start_date",
    "end": "line_item_usage_end_date",
    "currency": "line_item_currency_code",
    "unblended": "line_item_unblended_cost",
    "product": "line_item_product_code",
    "usage_type": "line_item_usage_type",
    "description": "line_item_line_item_description",
    "resource": "line_item_resource_id",
    "account": "line_item_usage_account_id",
    "amount": "line_item_usage_amount",
    "period_start": "bill_billing_period_start_date",
    "period_end": "bill_billing_period_end_date",
    "invoice": "bill_invoice_id",
    "unit": "pricing_unit",
    "on_demand": "pricing_public_on_demand_cost",
    "sku": "product_sku",
    "tags": "resource_tags",
    "reservation": "reservation_reservation_a_r_n",
    "reservation_effective": "reservation_effective_cost",
    "reservation_unused_upfront": "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_fee": "reservation_unused_recurring_fee",
    "plan": "savings_plan_savings_plan_a_r_n",
    "plan_effective": "savings_plan_savings_plan_effective_cost",
    "plan_total": "savings_plan_total_commitment_to_date",
    "plan_used": "savings_plan_used_commitment",
}
# Read too, and kept beside: they say more than their place in `Charge` does.
READ = {
    "products": "product",
    "product_name": "product_product_name",
    "family": "product_product_family",
    "region": "product_region_code",
    "old_region": "product_region",
    "instance": "product_instance_type",
    "gpus": "product_gpu",
}
KEY = {short: folded(name) for short, name in (USED | READ).items()}
# A query of Data Exports may leave columns out; without these no row can be read.
MANDATORY = (
    "type", "start", "end", "currency", "unblended", "product", "usage_type", "period_start", "period_end",
)  # fmt: skip
# Line ids are new in every run: the same bill would be a new version each day.
VOLATILE = frozenset(map(folded, ("identity_line_item_id",)))


def is_cur(header: Sequence[str]) -> bool:
    """Whether a header is that of a Cost and Usage Report rather than of FOCUS."""
    keys = set(map(folded, header))
    return KEY["type"] in keys or (KEY["unblended"] in keys and "billedcost" not in keys)


def version_of(header: Sequence[str]) -> str:
    """`CUR` where names have slashes, else `CUR 2.0`. Raises ValueError with every missing column."""
    keys = set(map(folded, header))
    missing = [USED[short] for short in MANDATORY if KEY[short] not in keys]
    if missing:
        raise ValueError(f"mandatory columns of a Cost and Usage Report are missing: {', '.join(missing)}")
    return "CUR" if any("/" in name for name in header) else "CUR 2.0"
