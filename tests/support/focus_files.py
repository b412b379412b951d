"""FOCUS files for tests: rows of a small bill, and an independent sum of any file."""

import csv
import gzip
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

ROW = {
    "BilledCost": "1.25",
    "BillingAccountId": "acc",
    "BillingAccountName": "Example",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-06-01T00:00:00Z",
    "BillingPeriodStart": "2026-05-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "GPU hours",
    "ChargePeriodEnd": "2026-05-01T02:00:00Z",
    "ChargePeriodStart": "2026-05-01T01:00:00Z",
    "ContractedCost": "1.25",
    "EffectiveCost": "1.25",
    "InvoiceIssuerName": "Example Cloud",
    "ListCost": "1.25",
    "PricingQuantity": "1",
    "PricingUnit": "Hours",
    "ProviderName": "Example Cloud",
    "PublisherName": "Example Cloud",
    "ResourceId": "n1",
    "ServiceCategory": "Compute",
    "ServiceName": "GPU Instances",
    "Tags": "",
    "x_Note": "",
}


def bill_text(*rows: dict[str, str], drop: tuple[str, ...] = ()) -> str:
    """CSV with these differences from ROW, one a row."""
    columns = [name for name in ROW if name not in drop]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROW | row for row in rows)
    return out.getvalue()


def write_bill(path: Path, *rows: dict[str, str], **options: Any) -> Path:
    """Write `bill_text`, gzip when the name says so."""
    data = bill_text(*rows, **options).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def naive_totals(path: Path) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Billed and effective by (first ten letters of the period's start, currency), naively."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["BillingPeriodStart"][:10], row["BillingCurrency"])
            billed, effective = sums.get(key, (Decimal(0), Decimal(0)))
            sums[key] = (billed + Decimal(row["BilledCost"]), effective + Decimal(row["EffectiveCost"]))
    return sums
