"""A FOCUS bill with a line of every kind, and what it costs by kind and part."""

import csv
from pathlib import Path

from tests.support.focus_files import ROW

DAY = {"ChargePeriodStart": "2026-03-04T10:00:00Z", "ChargePeriodEnd": "2026-03-04T11:00:00Z"}
MARCH = {"BillingPeriodStart": "2026-03-01T00:00:00Z", "BillingPeriodEnd": "2026-04-01T00:00:00Z"}
# Kind, part, cost, and what tells it.
LINES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("accelerator", "nodes", "6", {"ResourceId": "n1", "x_UsageType": "BoxUsage:p5.48xlarge"}),
    ("accelerator", "capacity_unused", "2", {"x_UsageType": "UnusedBox:p5.48xlarge"}),
    ("accelerator", "commitment_unused", "1.5",
     {"CommitmentDiscountStatus": "Unused", "ChargeDescription": "p5.48xlarge reserved"}),
    ("egress", "internet", "0.90", {"x_UsageType": "DataTransfer-Out-Bytes"}),
    ("network", "inter_zone", "0.40", {"x_UsageType": "DataTransfer-Regional-Bytes"}),
    ("network", "inter_region", "0.20", {"x_UsageType": "USE1-EUC1-AWS-Out-Bytes"}),
    ("network", "nat", "0.45", {"x_UsageType": "NatGateway-Bytes"}),
    ("storage", "object", "1.20", {"ServiceName": "Amazon Simple Storage Service"}),
    ("tool_calls", "tool_calls", "0.30",
     {"ServiceName": "Vertex AI", "SkuMeter": "Grounding with Google Search"}),
    ("provider_api", "model_api", "4",
     {"ServiceName": "Amazon Bedrock", "x_UsageType": "Claude-input-tokens"}),
    ("observability", "logs", "0.80",
     {"ServiceName": "AmazonCloudWatch", "ChargeDescription": "custom log data ingested"}),
    ("observability", "metrics", "0.60",
     {"ServiceName": "AmazonCloudWatch", "ChargeDescription": "metric-month"}),
    ("platform", "support", "3", {"ServiceName": "AWS Support (Business)"}),
    ("tax_and_credit", "tax", "1.9", {"ChargeCategory": "Tax"}),
    ("tax_and_credit", "credit", "-0.7", {"ChargeCategory": "Credit"}),
    ("tax_and_credit", "rounding", "0.000000001",
     {"ChargeCategory": "Adjustment", "ChargeDescription": "Rounding"}),
)  # fmt: skip
_BLANK = {
    "ResourceId": "", "ServiceName": "Any", "ServiceCategory": "Other", "ChargeDescription": "",
    "SkuMeter": "", "x_UsageType": "", "CommitmentDiscountStatus": "", "ConsumedQuantity": "10",
    "ConsumedUnit": "GB",
}  # fmt: skip


def whole_bill(path: Path, **more: str) -> Path:
    """Write the bill; `more` columns stand in every row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROW | _BLANK), lineterminator="\n")
        writer.writeheader()
        for _, _, cost, told in LINES:
            amounts = {"BilledCost": cost, "EffectiveCost": cost}
            writer.writerow(ROW | _BLANK | DAY | MARCH | amounts | told | more)
    return path
