"""What a room of a provider with a cost API offers, and rows of its usage report."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ingest.sources.errors import SourceError
from ingest.sources.focus.cells import BadCell
from ingest.sources.native_bill import Record, folded
from ingest.sources.provider_use import Use
from ingest.sources.rejected import Rejected
from ingest.sources.report_bill import Flat, flatten
from ingest.sources.report_pages import Page, ReportPages


class UsageRow(NamedTuple):
    """A result of a usage report: what was used, or why it cannot be told."""

    use: Use | None
    rejected: Rejected | None


class ProviderApi(NamedTuple):
    """`costs` gives the pages of [start, end), full days in UTC; `usage` the rows of one day, by the hour.

    `saved` gives the rows of a page of the usage report that somebody brings, by the name of its file.
    """

    url: str
    headers: Callable[[str], Mapping[str, str]]
    costs: Callable[[ReportPages, datetime, datetime], Iterator[Page]]
    usage: Callable[[ReportPages, datetime], Iterator[UsageRow]]
    saved: Callable[[str, Mapping[str, Any]], Iterator[UsageRow]]

    def connect(self, settings: Mapping[str, Any]) -> ReportPages:
        """The API as a source's settings reach it. Raises SourceError for a key that is not set."""
        variable = str(settings.get("admin_key_env") or "")
        if not variable:
            raise SourceError("fleet.toml names no admin_key_env for it, so its pages are brought by hand")
        if not (key := os.environ.get(variable, "")):
            raise SourceError(f"the environment variable {variable} (admin_key_env) is not set")
        return ReportPages(
            str(settings.get("url") or self.url),
            self.headers(key),
            timeout=float(settings.get("timeout", 60)),
        )


def usage_rows(
    report: str,
    pages: Iterable[Mapping[str, Any]],
    bucket: Callable[[Any], Flat],
    use_of: Callable[[Record], Use],
) -> Iterator[UsageRow]:
    """Rows of a usage report; one that is none keeps its reason. Raises SourceError for another shape."""
    number = 0
    for page in pages:
        for each in page["data"]:
            if not isinstance(each, dict) or not isinstance(results := each.get("results"), list):
                raise SourceError(f"{report}: expected buckets with a list `results`")
            for result in results:
                number += 1
                yield _row(report, number, bucket(each), result, use_of)


def _row(report: str, number: int, shared: Flat, result: Any, use_of: Callable[[Record], Use]) -> UsageRow:
    flat = shared | (flatten(result) if isinstance(result, dict) else {})
    try:
        if not isinstance(result, dict):
            raise BadCell("results", "an object", result)
        use = use_of({folded(name): text for name, text in flat.items()})
        if use.hour.minute or use.hour.second:
            raise BadCell("bucket", "one that begins with an hour", use.hour.isoformat())
        return UsageRow(use, None)
    except BadCell as bad:
        text = ", ".join(f"{name}={value}" for name, value in flat.items() if value is not None)[:2_000]
        return UsageRow(None, Rejected(report, number, bad.column, bad.expected, bad.found, text))
