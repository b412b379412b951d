"""Cost and Usage Reports for tests: lines, files in three formats, and manifests as AWS writes them."""

import csv
import gzip
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

LINE = {
    "bill_billing_period_start_date": "2026-03-01T00:00:00Z",
    "bill_billing_period_end_date": "2026-04-01T00:00:00Z",
    "bill_invoice_id": "",
    "identity_line_item_id": "repeated",
    "line_item_currency_code": "USD",
    "line_item_line_item_description": "$3 per On Demand Linux p4d.24xlarge Instance Hour",
    "line_item_line_item_type": "Usage",
    "line_item_product_code": "AmazonEC2",
    "line_item_resource_id": "n1",
    "line_item_unblended_cost": "3",
    "line_item_usage_account_id": "123456789012",
    "line_item_usage_amount": "1",
    "line_item_usage_end_date": "2026-03-04T11:00:00Z",
    "line_item_usage_start_date": "2026-03-04T10:00:00Z",
    "line_item_usage_type": "BoxUsage:p4d.24xlarge",
    "pricing_unit": "Hrs",
    "product": '{"product_name": "Amazon Elastic Compute Cloud"}',
    "reservation_effective_cost": "",
    "reservation_reservation_a_r_n": "",
    "reservation_unused_amortized_upfront_fee_for_billing_period": "",
    "reservation_unused_recurring_fee": "",
    "resource_tags": '{"user_team": "search"}',
    "savings_plan_savings_plan_a_r_n": "",
    "savings_plan_savings_plan_effective_cost": "",
    "savings_plan_total_commitment_to_date": "",
    "savings_plan_used_commitment": "",
}
AMOUNTS = ("_cost", "_amount", "_fee", "_for_billing_period", "_to_date", "_used_commitment")
APRIL = {
    "bill_billing_period_start_date": "2026-04-01T00:00:00Z",
    "bill_billing_period_end_date": "2026-05-01T00:00:00Z",
}


def cur_text(*lines: dict[str, str], drop: tuple[str, ...] = ()) -> str:
    """CSV with these differences from LINE, one a line."""
    columns = [name for name in LINE if name not in drop]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(LINE | line for line in lines)
    return out.getvalue()


def cur_bytes(name: str, *lines: dict[str, Any], **options: Any) -> bytes:
    """A file as its name says: .parquet (amounts as doubles, as AWS writes them), .csv.gz or .csv."""
    if not name.endswith(".parquet"):
        text = cur_text(*lines, **options).encode()
        return gzip.compress(text) if name.endswith(".gz") else text
    rows = [LINE | line for line in lines]
    columns: dict[str, pa.Array] = {}
    for column in LINE:
        values: list[Any] = [row[column] or None for row in rows]
        if column.endswith(AMOUNTS):
            columns[column] = pa.array([float(v) if v is not None else None for v in values], pa.float64())
        elif column.endswith(("start_date", "end_date")):
            moments = [datetime.fromisoformat(v) for v in values]
            columns[column] = pa.array(moments, pa.timestamp("ms", "UTC"))
        else:
            columns[column] = pa.array(values, pa.string())
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


class Export:
    """A Data Export below a folder, as a bucket would have it: data and manifest of a billing period."""

    def __init__(self, root: Path, name: str = "daily", period: str = "2026-03") -> None:
        self.root, self.name, self.period = root, name, period

    @property
    def data(self) -> Path:
        return self.root / self.name / "data" / f"BILLING_PERIOD={self.period}"

    def files(self, files: dict[str, list[dict[str, Any]]], run: str = "") -> list[str]:
        """Write data files; returns their keys."""
        keys = []
        for name, lines in files.items():
            path = self.data / run / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(cur_bytes(name, *lines))
            keys.append(f"finance/{path.relative_to(self.root).as_posix()}")
        return keys

    def manifest(self, keys: list[Any], run: str = "", made_at: str = "", **more: Any) -> Path:
        """Write the manifest of a run; `made_at` is also when it was written."""
        folder = self.root / self.name / "metadata" / f"BILLING_PERIOD={self.period}" / run
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}-Manifest.json"
        said = {"exportName": self.name, "dataFiles": keys} | more
        if made_at:
            said |= {"createdAt": made_at, "executionId": f"run-{made_at}"}
        path.write_text(json.dumps(said))
        return path

    def deliver(
        self, *lines: dict[str, Any], made_at: str, run: str = "", name: str = "daily-00001.csv.gz"
    ) -> Path:
        """One file and its manifest."""
        return self.manifest(self.files({name: list(lines)}, run), run, made_at)


def touch(path: Path, moment: datetime) -> None:
    """Set when a file was written."""
    os.utime(path, (moment.timestamp(), moment.timestamp()))


MADE = datetime(2026, 3, 10, tzinfo=UTC)
