"""What a line of a Cost and Usage Report costs by FOCUS's terms: AWS's documented amortisation.

Sources: AWS "Understanding your amortized Savings Plans / reservation data" and the Well-Architected cost
labs' formula of amortised cost (2026-06). Per line type, the unblended cost is the billed one, and the
effective one is:

| line type | effective cost |
|---|---|
| SavingsPlanCoveredUsage | the plan's effective cost |
| SavingsPlanNegation, SavingsPlanUpfrontFee | 0 |
| SavingsPlanRecurringFee | total commitment to date - used commitment: what nobody used |
| DiscountedUsage | the reservation's effective cost |
| RIFee | unused amortised upfront fee + unused recurring fee |
| Fee of a reservation | 0 |
| all else, with discounts as lines of their own | the unblended cost |
"""

from decimal import Context, Decimal
from typing import NamedTuple

from ingest.sources.aws_export.columns import KEY, USED
from ingest.sources.focus.cells import BadCell, decimal_of
from ingest.sources.native_bill import Record

_EXACT = Context(prec=100)
ZERO = Decimal(0)


class Cost(NamedTuple):
    """Billed and effective cost of one charge; `status` of its commitment, if it has one."""

    category: str
    billed: Decimal
    effective: Decimal
    status: str | None = None
    frequency: str | None = None


_FEES = ("RIFee", "SavingsPlanRecurringFee")
_PLAIN = {
    "Tax": ("Tax", None),
    "Credit": ("Credit", None),
    "Refund": ("Adjustment", None),
    "Fee": ("Purchase", "One-Time"),
    "SavingsPlanNegation": ("Adjustment", "Usage-Based"),
}


def costs_of(record: Record) -> list[Cost]:
    """The charges of a line; a fee that was not all used is two, as in FOCUS: paid, and unused.

    Discounts (EdpDiscount, PrivateRateDiscount, BundledDiscount …) are negative usage of what they name.
    Raises BadCell.
    """
    kind = record.get(KEY["type"]) or ""
    billed = amount(record, "unblended")
    if kind == "SavingsPlanCoveredUsage":
        return [Cost("Usage", billed, amount(record, "plan_effective"), "Used", "Usage-Based")]
    if kind == "DiscountedUsage":
        return [Cost("Usage", billed, amount(record, "reservation_effective"), "Used", "Usage-Based")]
    if kind == "SavingsPlanUpfrontFee" or (kind == "Fee" and record.get(KEY["reservation"])):
        return [Cost("Purchase", billed, ZERO, None, "One-Time")]
    if kind in _FEES:
        paid, unused = Cost("Purchase", billed, ZERO, None, "Recurring"), _unused(kind, record)
        return [paid, Cost("Usage", ZERO, unused, "Unused", "Recurring")] if unused else [paid]
    category, frequency = _PLAIN.get(kind, ("Usage", "Usage-Based"))
    return [Cost(category, billed, ZERO if kind == "SavingsPlanNegation" else billed, None, frequency)]


def _unused(kind: str, record: Record) -> Decimal:
    if kind == "RIFee":
        upfront = amount(record, "reservation_unused_upfront")
        return _EXACT.add(upfront, amount(record, "reservation_unused_fee"))
    return _EXACT.subtract(amount(record, "plan_total"), amount(record, "plan_used"))


def amount(record: Record, short: str) -> Decimal:
    """An amount that the line type cannot do without. Raises BadCell."""
    text = record.get(KEY[short])
    if text is None:
        kind = record.get(KEY["type"]) or "a line without a type"
        raise BadCell(USED[short], f"an amount, as for every {kind}", None)
    return decimal_of(USED[short], text)
