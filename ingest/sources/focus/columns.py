"""Which FOCUS columns a file has, and whether they suffice."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from attribution.operations.replace_bill import Charge

# Mandatory columns by the versions in which they are, from the specifications' own tables.
MANDATORY = dict.fromkeys(
    (
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
        "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
        "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
        "PricingQuantity", "PricingUnit", "ServiceCategory", "ServiceName",
    ),
    "1.0 to 1.4",
)  # fmt: skip
# 1.3 renamed these; a file has the old ones, the new one or all.
OLD_PROVIDER = {"ProviderName": "1.0 to 1.3", "PublisherName": "1.0 to 1.3"}
# What tells a version: a file is of the newest one of which it has a column.
_TELLING = {
    "1.4": ("InvoiceDetailId", "CommitmentProgramEligibilityDetails"),
    "1.3": ("ServiceProviderName", "HostProviderName", "AllocatedMethodId", "ContractApplied"),
    "1.2": ("InvoiceId", "BillingAccountType", "SubAccountType", "PricingCurrency"),
    "1.1": ("ServiceSubcategory", "SkuMeter", "SkuPriceDetails", "CapacityReservationId"),
}


def folded(name: str) -> str:
    """A column's name without case and underscores: warehouses write BILLED_COST."""
    return name.replace("_", "").casefold()


# Columns with a place of their own in `Charge`, by folded name; the rest go to its `extra`.
TYPED = {
    folded(field.name): field.name
    for field in fields(Charge)
    if field.name not in ("row_number", "file", "line", "extra")
}
PERIOD = ("BillingPeriodStart", "BillingPeriodEnd")


@dataclass(frozen=True)
class Layout:
    """Where things stand in a row: typed fields and the billing period by their place, `extra` by name."""

    header: tuple[str, ...]
    typed: dict[str, int]
    period: tuple[int, int]
    extra: tuple[tuple[str, int], ...]
    by_name: tuple[tuple[str, int], ...]

    @property
    def version(self) -> str:
        """The FOCUS version that the columns tell."""
        present = set(map(folded, self.header))
        if folded("ProviderName") not in present:
            return "1.4"
        told = (version for version, names in _TELLING.items() if present & set(map(folded, names)))
        return next(told, "1.0")

    def name_of(self, field: str) -> str:
        """The file's own name for a typed field."""
        return self.header[self.typed[field]]


def layout(header: Sequence[str]) -> Layout:
    """Read a header. Raises ValueError with every missing mandatory column, or every doubled one."""
    names = tuple(name.strip() for name in header)
    places: dict[str, int] = {}
    doubled = []
    for place, name in enumerate(names):
        key = folded(name) if folded(name) in TYPED else name
        if key in places:
            doubled.append(name)
        places[key] = place
    if doubled:
        raise ValueError(f"columns that are there twice: {', '.join(doubled)}")
    _demand_mandatory(names)
    at = {folded(name): place for place, name in enumerate(names)}
    return Layout(
        header=names,
        typed={field: at[key] for key, field in TYPED.items() if key in at},
        period=(at[folded(PERIOD[0])], at[folded(PERIOD[1])]),
        extra=tuple((name, place) for place, name in enumerate(names) if folded(name) not in TYPED),
        by_name=tuple(sorted((name, place) for place, name in enumerate(names))),
    )


def _demand_mandatory(names: Sequence[str]) -> None:
    present = set(map(folded, names))
    demanded = dict(MANDATORY)
    if folded("ServiceProviderName") not in present:
        demanded |= OLD_PROVIDER
    missing = [name for name in demanded if folded(name) not in present]
    if not missing:
        return
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise ValueError("one column only: FOCUS separates columns with commas")
    by_versions = {
        demanded[name]: [other for other in missing if demanded[other] == demanded[name]] for name in missing
    }
    listed = "; ".join(f"{', '.join(names)} (mandatory in FOCUS {v})" for v, names in by_versions.items())
    raise ValueError(f"mandatory columns are missing: {listed}")
