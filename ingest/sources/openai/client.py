"""Asks OpenAI for costs and usage; opens saved pages of its cost report."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ingest.sources.bill_row import OpenBill
from ingest.sources.file_list import NamedFile
from ingest.sources.openai.parse import Costs, bucket, use_of
from ingest.sources.provider_api import ProviderApi, UsageRow, usage_rows
from ingest.sources.report_bill import ENDINGS, open_report
from ingest.sources.report_pages import Page, ReportPages

__all__ = ["API", "ENDINGS", "open_bill"]
URL = "https://api.openai.com/v1"
# The reports that count tokens; images, speech and files are paid by other units and are in the costs only.
_USAGE = ("completions", "embeddings")
_COST_GROUPS = ("project_id", "line_item", "api_key_id")
_USAGE_GROUPS = ("project_id", "api_key_id", "model")


def open_bill(file: NamedFile) -> OpenBill:
    """Open a saved page of `GET /organization/costs`. Raises RefusedFile."""
    return open_report(file, "OpenAI costs", Costs(), bucket)


def _headers(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _costs(api: ReportPages, start: datetime, end: datetime) -> Iterator[Page]:
    return api.pages("organization/costs", [*_span(start, end, "1d", 31), *_grouped(_COST_GROUPS)])


def _usage(api: ReportPages, day: datetime) -> Iterator[UsageRow]:
    for report in _USAGE:
        params = [*_span(day, day + timedelta(days=1), "1h", 24), *_grouped(_USAGE_GROUPS)]
        pages: Iterator[Any] = (page.said for page in api.pages(f"organization/usage/{report}", params))
        yield from usage_rows(report, pages, bucket, use_of)


def _span(start: datetime, end: datetime, width: str, limit: int) -> list[tuple[str, str]]:
    return [
        ("start_time", str(int(start.timestamp()))),
        ("end_time", str(int(end.timestamp()))),
        ("bucket_width", width),
        ("limit", str(limit)),
    ]


def _grouped(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("group_by", name) for name in names]


def _saved(name: str, page: Mapping[str, Any]) -> Iterator[UsageRow]:
    return usage_rows(name, [page], bucket, use_of)


API = ProviderApi(URL, _headers, _costs, _usage, _saved)
