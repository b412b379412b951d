"""Google Cloud's detailed usage export for tests, as CSV, JSON lines and Parquet."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROW: dict[str, Any] = {
    "billing_account_id": "0",
    "service": {"id": "6F81", "description": "Compute Engine"},
    "sku": {"id": "A2", "description": "A2 Instance Core running in Netherlands"},
    "usage_start_time": "2026-03-04 10:00:00 UTC",
    "usage_end_time": "2026-03-04 11:00:00 UTC",
    "project": {"id": "chat-prod", "name": "chat"},
    "labels": [{"key": "team", "value": "search"}],
    "system_labels": [{"key": "compute.googleapis.com/machine_spec", "value": "a2-highgpu-8g"}],
    "location": {"region": "europe-west4"},
    "resource": {"name": "n1", "global_name": "//compute.googleapis.com/projects/chat-prod/instances/n1"},
    "cost": 3.0,
    "currency": "USD",
    "usage": {"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 1.0, "pricing_unit": "hour"},
    "credits": [],
    "invoice": {"month": "202603"},
    "cost_type": "regular",
    "adjustment_info": {"mode": None},
    "export_time": "2026-03-10 04:00:00 UTC",
}


def gcp_rows(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows with these differences from ROW."""
    return [ROW | row for row in rows]


def write_gcp(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows as the file's name says; BigQuery leaves null fields out of JSON."""
    full = gcp_rows(*rows)
    if path.suffix == ".parquet":
        pq.write_table(_table(full), path)
    elif path.suffix in (".json", ".jsonl"):
        path.write_text(
            "".join(json.dumps({k: v for k, v in row.items() if v is not None}) + "\n" for row in full)
        )
    else:
        path.write_text(_csv(full))
    return path


def _csv(rows: list[dict[str, Any]]) -> str:
    flat = []
    for row in rows:
        cells: dict[str, Any] = {}
        for name, value in row.items():
            if isinstance(value, dict):
                cells |= {f"{name}.{key}": inner for key, inner in value.items()}
            else:
                cells[name] = json.dumps(value) if isinstance(value, list) else value
        flat.append(cells)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(flat[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    """Times as timestamps, costs as doubles, the rest as Arrow infers it."""
    credit = pa.struct([("name", pa.string()), ("amount", pa.float64()), ("type", pa.string())])
    columns: dict[str, pa.Array] = {}
    for name in ROW:
        values = [row[name] for row in rows]
        if name.endswith("_time"):
            moments = [datetime.fromisoformat(value.replace(" UTC", "+00:00")) for value in values]
            columns[name] = pa.array(moments, pa.timestamp("us", "UTC"))
        else:
            columns[name] = pa.array(values, pa.list_(credit) if name == "credits" else None)
    return pa.table(columns)
