"""Asks Anthropic for costs and usage; opens saved pages of its cost report."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ingest.sources.anthropic.parse import Costs, bucket, use_of
from ingest.sources.bill_row import OpenBill
from ingest.sources.file_list import NamedFile
from ingest.sources.provider_api import ProviderApi, UsageRow, usage_rows
from ingest.sources.report_bill import ENDINGS, open_report
from ingest.sources.report_pages import Page, ReportPages

__all__ = ["API", "ENDINGS", "open_bill"]
URL = "https://api.anthropic.com/v1"
VERSION = "2023-06-01"
_COST_GROUPS = ("workspace_id", "description")
# The tier, because what is used of the Priority Tier stands in no line of the cost report.
_USAGE_GROUPS = ("workspace_id", "api_key_id", "model", "service_tier")


def open_bill(file: NamedFile) -> OpenBill:
    """Open a saved page of `GET /organizations/cost_report`. Raises RefusedFile."""
    return open_report(file, "Anthropic cost report", Costs(), bucket)


def _headers(key: str) -> Mapping[str, str]:
    return {"x-api-key": key, "anthropic-version": VERSION}


def _costs(api: ReportPages, start: datetime, end: datetime) -> Iterator[Page]:
    return api.pages("organizations/cost_report", [*_span(start, end, "1d", 31), *_grouped(_COST_GROUPS)])


def _usage(api: ReportPages, day: datetime) -> Iterator[UsageRow]:
    params = [*_span(day, day + timedelta(days=1), "1h", 24), *_grouped(_USAGE_GROUPS)]
    pages: Iterator[Any] = (page.said for page in api.pages("organizations/usage_report/messages", params))
    return usage_rows("messages", pages, bucket, use_of)


def _span(start: datetime, end: datetime, width: str, limit: int) -> list[tuple[str, str]]:
    return [
        ("starting_at", f"{start:%Y-%m-%dT%H:%M:%SZ}"),
        ("ending_at", f"{end:%Y-%m-%dT%H:%M:%SZ}"),
        ("bucket_width", width),
        ("limit", str(limit)),
    ]


def _grouped(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("group_by[]", name) for name in names]


def _saved(name: str, page: Mapping[str, Any]) -> Iterator[UsageRow]:
    return usage_rows(name, [page], bucket, use_of)


API = ProviderApi(URL, _headers, _costs, _usage, _saved)
