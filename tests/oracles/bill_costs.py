"""Naive sums of providers' own bills, row by row, without anything of ours."""

import csv
import io
from decimal import Decimal
from typing import Any


def aws_amortised(text: str) -> Decimal:
    """AWS's published formula of amortised cost over a CUR 2.0 file."""
    total = Decimal(0)
    for row in csv.DictReader(io.StringIO(text)):

        def d(name: str, row: dict[str, str] = row) -> Decimal:
            return Decimal(row[name] or "0")

        match row["line_item_line_item_type"]:
            case "SavingsPlanCoveredUsage":
                total += d("savings_plan_savings_plan_effective_cost")
            case "SavingsPlanRecurringFee":
                total += d("savings_plan_total_commitment_to_date") - d("savings_plan_used_commitment")
            case "SavingsPlanNegation" | "SavingsPlanUpfrontFee":
                pass
            case "DiscountedUsage":
                total += d("reservation_effective_cost")
            case "RIFee":
                total += d("reservation_unused_amortized_upfront_fee_for_billing_period")
                total += d("reservation_unused_recurring_fee")
            case "Fee" if row["reservation_reservation_a_r_n"]:
                pass
            case _:
                total += d("line_item_unblended_cost")
    return total


def gcp_net(rows: list[dict[str, Any]]) -> Decimal:
    """Cost and all credits of a detailed usage export."""
    total = Decimal(0)
    for row in rows:
        total += Decimal(str(row["cost"]))
        for credit in row.get("credits") or []:
            total += Decimal(str(credit["amount"]))
    return total
