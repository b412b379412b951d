"""Columns of Azure's cost details (actual and amortised), by our own short names.

Source: Microsoft "Understand cost details fields" for EA and MCA, and the 2023 EA sample (2026-06). Names
vary with the agreement and the year; each place has the names that it goes by, folded.
"""

from collections.abc import Mapping, Sequence

from ingest.sources.native_bill import folded

NAMES = {
    "cost": ("CostInBillingCurrency", "Cost", "PreTaxCost"),
    "currency": ("BillingCurrency", "BillingCurrencyCode", "Currency"),
    "date": ("Date", "UsageDate", "UsageDateTime"),
    "period_start": ("BillingPeriodStartDate",),
    "period_end": ("BillingPeriodEndDate",),
    "type": ("ChargeType",),
    "frequency": ("Frequency",),
    "pricing_model": ("PricingModel",),
    "quantity": ("Quantity", "UsageQuantity"),
    "unit": ("UnitOfMeasure",),
    "list_price": ("PayGPrice",),
    "resource": ("ResourceId", "InstanceId", "InstanceName"),
    "resource_name": ("ResourceName",),
    "region": ("ResourceLocation",),
    "subscription": ("SubscriptionId", "SubscriptionGuid"),
    "invoice": ("InvoiceId",),
    "meter_id": ("MeterId",),
    "category": ("MeterCategory",),
    "sub_category": ("MeterSubCategory",),
    "meter": ("MeterName",),
    "product": ("ProductName", "Product"),
    "family": ("ServiceFamily",),
    "consumed_service": ("ConsumedService",),
    "benefit": ("BenefitId", "ReservationId"),
    "details": ("AdditionalInfo",),
    "tags": ("Tags",),
}
MANDATORY = ("cost", "currency", "date", "period_start", "period_end", "type", "category", "meter")
# Used, and kept beside: they say more than their place in `Charge` does.
KEPT = frozenset({"family", "category", "sub_category", "meter", "details", "pricing_model", "type"})


def places(header: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Short name: (folded name, the file's own name). Raises ValueError with every missing column."""
    there = {folded(name): name for name in header}
    found: dict[str, tuple[str, str]] = {}
    for short, names in NAMES.items():
        key = next((key for key in map(folded, names) if key in there), None)
        if key is not None:
            found[short] = key, there[key]
    missing = [" or ".join(NAMES[short]) for short in MANDATORY if short not in found]
    if missing:
        raise ValueError(f"mandatory columns of Azure cost details are missing: {', '.join(missing)}")
    return found


def is_cost_details(header: Sequence[str]) -> bool:
    """Whether a header is that of cost details rather than of FOCUS."""
    return not {"billedcost", "effectivecost", "chargeperiodstart"} & set(map(folded, header))


def used_keys(found: Mapping[str, tuple[str, str]]) -> frozenset[str]:
    """Folded names that have a place of their own."""
    return frozenset(key for short, (key, _) in found.items() if short not in KEPT)
