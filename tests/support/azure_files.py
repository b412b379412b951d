"""Azure cost details for tests, and a delivery with its manifest as Azure writes it."""

import csv
import io
import json
from pathlib import Path

ROW = {
    "BillingPeriodStartDate": "2026-03-01",
    "BillingPeriodEndDate": "2026-03-31",
    "SubscriptionId": "sub-1",
    "Date": "2026-03-04",
    "MeterId": "m-1",
    "ServiceFamily": "Compute",
    "MeterCategory": "Virtual Machines",
    "MeterSubCategory": "NDASv4 Series",
    "MeterName": "ND96asr v4",
    "Quantity": "24",
    "Cost": "2",
    "BillingCurrency": "USD",
    "ResourceLocation": "westeurope",
    "ConsumedService": "Microsoft.Compute",
    "ResourceId": "/subscriptions/sub-1/n1",
    "ResourceName": "n1",
    "AdditionalInfo": "",
    "Tags": '"team": "search","env": "prod"',
    "UnitOfMeasure": "1 Hour",
    "ChargeType": "Usage",
    "Frequency": "UsageBased",
    "PricingModel": "OnDemand",
    "PayGPrice": "0.1",
}


def azure_text(*rows: dict[str, str]) -> str:
    """CSV with these differences from ROW, one a row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROW), lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROW | row for row in rows)
    return out.getvalue()


def azure_run(
    root: Path,
    files: dict[str, str],
    *,
    run: str,
    made_at: str,
    name: str = "amortized",
    rows: int | None = None,
) -> Path:
    """Write a run of a month-to-date export of March 2026; returns its folder."""
    folder = root / name / "20260301-20260331" / made_at.replace(":", "")[:15] / run
    folder.mkdir(parents=True)
    blobs = []
    for file, text in files.items():
        (folder / file).write_text(text)
        key = f"billing/{(folder / file).relative_to(root).as_posix()}"
        count = len(list(csv.reader(io.StringIO(text)))) - 1 if rows is None else rows
        blobs.append({"blobName": key, "byteCount": len(text.encode()), "dataRowCount": count})
    manifest = {
        "manifestVersion": "2024-04-01",
        "blobCount": len(blobs),
        "exportConfig": {"exportName": name, "type": "AmortizedCost", "timeFrame": "MonthToDate"},
        "runInfo": {"runId": run, "submittedTime": made_at, "startDate": "2026-03-01T00:00:00"},
        "blobs": blobs,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
