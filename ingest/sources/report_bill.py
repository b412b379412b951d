"""A page of a provider's cost report as a file of a bill: each result of a bucket is a row."""

import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ingest.sources.bill_row import OpenBill
from ingest.sources.file_list import NamedFile
from ingest.sources.focus.cells import BadCell
from ingest.sources.native_bill import Names, NativeBill, NativeRow, Span, folded, parse_native
from ingest.sources.rejected import RefusedFile
from ingest.sources.report_pages import decode

ENDINGS = (".json",)
MOST_BYTES = 1 << 28
_TAX = re.compile(r"\b(tax|vat|gst)\b", re.IGNORECASE)
_CREDIT = re.compile(r"\b(credits?|discounts?|refunds?|promo\w*)\b", re.IGNORECASE)

Flat = dict[str, str | None]


def open_report(file: NamedFile, version: str, bill: NativeBill, bucket: Callable[[Any], Flat]) -> OpenBill:
    """Open a page; `bucket` gives what a bucket says of all its results. Raises RefusedFile."""
    if file.path.stat().st_size > MOST_BYTES:
        raise RefusedFile(file.name, f"more than {MOST_BYTES >> 20} MiB: no page of a report is that long")
    try:
        said = decode(file.path.read_bytes())
        rows = list(_rows(bill, said["data"], bucket))
    except (ValueError, OSError) as error:
        raise RefusedFile(file.name, f"it is no page of {version}: {error}") from error
    return OpenBill(version, partial(parse_native, bill, file.name, rows))


def _rows(bill: NativeBill, data: list[Any], bucket: Callable[[Any], Flat]) -> Iterator[NativeRow]:
    """Rows, numbered as results stand in the page; ValueError where something else stands there."""
    number = 0
    for each in data:
        if not isinstance(each, dict) or not isinstance(results := each.get("results"), list):
            raise ValueError("expected buckets with a list `results`")
        shared = bucket(each)
        for result in results:
            number += 1
            flat = shared | (flatten(result) if isinstance(result, dict) else {})
            bad = None if isinstance(result, dict) else BadCell("results", "an object", result)
            record = {folded(name): text for name, text in flat.items()}
            yield NativeRow(number, Names.of(bill, flat), record, bad)


def flatten(result: Mapping[str, Any], prefix: str = "") -> Flat:
    """Nested objects by dotted names, lists as JSON; null is nothing."""
    flat: Flat = {}
    for name, value in result.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = text_of(value)
    return flat


def text_of(value: Any) -> str | None:
    """A value as text: numbers as the provider wrote them."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def month_of(moment: datetime) -> Span:
    """The calendar month, in UTC, that a bucket belongs to."""
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=monthrange(start.year, start.month)[1])


def category_of(description: str | None) -> str:
    """FOCUS's ChargeCategory, by what the line is called; these reports say it in no other way."""
    text = description or ""
    return "Tax" if _TAX.search(text) else "Credit" if _CREDIT.search(text) else "Usage"
