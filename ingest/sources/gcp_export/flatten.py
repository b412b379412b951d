"""Nested rows become flat ones: records by dotted names, lists as JSON; numbers stay the texts they were."""

import json
from collections.abc import Mapping
from typing import Any

from ingest.sources.gcp_export.columns import RECORDS


def decode(text: str) -> Any:
    """JSON whose numbers are texts: a cost of 0.1 must not become a float. Raises ValueError."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def flatten(row: Mapping[str, Any]) -> dict[str, str | None]:
    """`{"service": {"id": "A"}}` is `{"service.id": "A"}`; a record given as JSON text likewise."""
    flat: dict[str, str | None] = {}
    for name, value in row.items():
        if isinstance(value, str) and name in RECORDS and value.startswith("{"):
            value = _decoded(value)
        if isinstance(value, dict) and name in RECORDS:
            _put(flat, name, value)
        else:
            flat[name] = _text(value)
    return flat


def _put(flat: dict[str, str | None], prefix: str, record: dict[str, Any]) -> None:
    for name, value in record.items():
        if isinstance(value, dict):
            _put(flat, f"{prefix}.{name}", value)
        else:
            flat[f"{prefix}.{name}"] = _text(value)


def _text(value: Any) -> str | None:
    # An empty list of a Parquet file has been read as an empty map.
    if value is None or value in ("", "NULL", "{}", "[]", []):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _decoded(text: str) -> Any:
    try:
        return decode(text)
    except (ValueError, RecursionError):
        return text
