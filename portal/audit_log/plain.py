"""Events as plain values: the same in JSON and in CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from portal.audit_log.queries import Event
from portal.components.csv_cells import guarded
from portal.exports.plain import time_text

COLUMNS = (
    "number", "recorded_at", "actor", "via", "request_id", "database_role", "kind", "object", "object_id",
    "before", "after", "detail", "previous_hash", "hash",
)  # fmt: skip
_JSON = ("before", "after", "detail")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def as_data(event: Event) -> dict[str, Any]:
    """An event for JSON."""
    return {name: getattr(event, name) for name in COLUMNS} | {"recorded_at": time_text(event.recorded_at)}


def as_json(events: list[Event], head: dict[str, Any]) -> Iterator[bytes]:
    """One page, with what it takes to ask for the next."""
    yield msgspec.json.encode(head | {"events": [as_data(event) for event in events]}) + b"\n"


def as_csv(events: Iterable[Event]) -> Iterator[bytes]:
    """Every event a row; old and new rows and details are JSON in their cells."""
    yield (_BOM + _line(COLUMNS)).encode()
    for event in events:
        facts = as_data(event)
        facts |= {
            name: json.dumps(facts[name], ensure_ascii=False) for name in _JSON if facts[name] is not None
        }
        yield _line(guarded(facts[name]) for name in COLUMNS).encode("utf-8", "replace")


def _line(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
