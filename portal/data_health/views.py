"""What came in, what is missing, what could not be used, and what nobody declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from attribution.domain.hours import floor_hour
from attribution.queries.health import (
    hours_with_usage,
    unmatched_labels,
    unmatched_nodes,
    unpriced_pools,
)
from attribution.queries.late import late_facts
from attribution.queries.organization import organization
from attribution.queries.reconciliation import open_windows
from ingest.queries.bill_runs import bill_runs
from ingest.queries.health import ReadHour, SourceHealth, files_of, last_files, read_hours, sources
from ingest.queries.rejected import rejected_rows
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.audit.state import chain_state
from portal.components.coverage import HourMark
from portal.components.day_range import DayRange, day_range
from portal.components.freshness import freshness
from portal.components.table import Table, Tag
from portal.components.times import duration
from portal.costs.overview import time_of_data
from portal.data_health import tables
from portal.data_health.domain import faulty, gaps_of, marks_of_feed, marks_of_usage
from portal.frame.guarded import guarded

REFUSED = "Data health is for the roles finance, platform owner, operator and auditor."
PAGE = 25
FILES = 5
# A live source is asked every five minutes and its hour is closed within minutes.
LATE = timedelta(minutes=30)
KINDS = {
    "prometheus": "Prometheus",
    "openmetrics": "OpenMetrics file",
    "request_log": "request log",
    "focus": "FOCUS bill",
    "aws_export": "AWS export",
    "azure_export": "Azure export",
    "gcp_export": "Google Cloud export",
    "openai": "OpenAI costs and usage",
    "anthropic": "Anthropic costs and usage",
}


@dataclass(frozen=True)
class ShownSource:
    """A source as the page shows it."""

    source: SourceHealth
    kind: str
    newest: str
    lag: str
    tag: Tag
    marks: Sequence[HourMark]
    gaps: str
    rejections: str


def data_health_page(request: HttpRequest) -> HttpResponse:
    """Sources first, then everything that somebody should look at."""
    if not reader_of(request).may(Permission.DATA_HEALTH):
        raise PermissionDenied(REFUSED)
    zone, now = organization().zone, datetime.now(UTC)
    data, known = time_of_data(now, zone)
    end = data.newest if data.behind else data.day
    days = day_range(request.GET.dict(), (end - timedelta(days=2), end))
    context: dict[str, Any] = {
        "bar": days.bar(zone),
        "stamp": freshness(data.complete, now, zone) if known.newest else None,
        "sources": guarded("sources", lambda: _sources(days, zone, now)),
        "panels": [],
        "audit": guarded("state of the audit trail", lambda: chain_state().problem(now)),
    }
    given = request.GET.get("source", "")
    source = given if given in {each.source.name for each in context["sources"].value or ()} else ""
    context["panels"] = _panels(days, zone, now, source)
    context["only"] = f"Files and rejections of {source} alone." if source else ""
    context["all"] = f"?{days.address()}"
    context["rejections"] = guarded("rejections", lambda: _rejections(request, days, zone, source))
    return render(request, "data_health/data_health.html", context)


def _sources(days: DayRange, zone: ZoneInfo, now: datetime) -> list[ShownSource]:
    start, end = days.bounds(zone)
    read: dict[int, dict[datetime, ReadHour]] = {}
    for each in read_hours(start, end):
        read.setdefault(each.source_id, {})[each.hour] = each
    usage = hours_with_usage(start, end)
    return [
        _source(
            each,
            _marks(each, start, end, now, read.get(each.source_id, {}), usage.get(each.source_id, {})),
            now,
            days,
            zone,
        )
        for each in sources()
    ]


def _marks(
    source: SourceHealth,
    start: datetime,
    end: datetime,
    now: datetime,
    read: dict[datetime, ReadHour],
    usage: dict[datetime, int | None],
) -> list[HourMark]:
    if source.kind == "prometheus" or read:
        return marks_of_feed(start, end, now, read)
    return marks_of_usage(start, end, now, usage) if source.kind == "request_log" else []


def _source(
    source: SourceHealth, marks: Sequence[HourMark], now: datetime, days: DayRange, zone: ZoneInfo
) -> ShownSource:
    lag = now - source.newest if source.newest else None
    live = source.kind == "prometheus" and source.active
    if not source.active:
        tag = Tag("switched off")
    elif source.newest is None:
        tag = Tag("nothing yet", "warn")
    elif live and lag is not None and now - floor_hour(source.newest) > LATE + timedelta(hours=1):
        tag = Tag("late", "warn")
    else:
        tag = Tag("live", "ok") if live else Tag("delivered", "ok")
    return ShownSource(
        source,
        KINDS.get(source.kind, source.kind),
        tables.newest(source.newest, zone),
        duration(lag),
        tag,
        marks,
        gaps_of(marks, zone),
        tables.address_of_source(days.address(), source.name, "rejections"),
    )


def _panels(days: DayRange, zone: ZoneInfo, now: datetime, source: str) -> list[dict[str, Any]]:
    """Tables with something to look at; each is left out if it has nothing to say, named if it fails."""
    start, end = days.bounds(zone)
    questions = {
        "late": ("Incomplete hours", lambda: _late(start, end, zone, now)),
        "windows": (
            "Hours that wait for attribution", lambda: tables.windows_table(open_windows(start, end), zone)
        ),
        "dropped": ("Facts of dropped months", lambda: tables.late_table(list(late_facts().values()), zone)),
        "labels": ("Labels without a tenant", lambda: tables.labels_table(unmatched_labels(start, end))),
        "nodes": ("Nodes without a pool", lambda: tables.nodes_table(unmatched_nodes(), zone)),
        "pools": ("Pools without a price", lambda: tables.pools_table(unpriced_pools(days.first, days.last))),
        "bills": ("Bills from their source", lambda: tables.bills_table(bill_runs(), zone)),
        "files": ("Files", lambda: _files(days, zone, source)),
    }  # fmt: skip
    panels = []
    for key, (name, question) in questions.items():
        found = guarded(key, question)
        if found.failed or (found.value and found.value.rows):
            panels.append({"key": key, "part": found, "failure": f"{name} could not be loaded"})
    return panels


def _late(start: datetime, end: datetime, zone: ZoneInfo, now: datetime) -> Table:
    names = {each.source_id: each.name for each in sources()}
    return tables.hours_table(faulty(read_hours(start, end), now), names, zone)


def _files(days: DayRange, zone: ZoneInfo, source: str) -> Table:
    found = files_of(source) if source else last_files(FILES)
    return tables.files_table(found, zone, days.address(), each=FILES, source=source)


def _rejections(request: HttpRequest, days: DayRange, zone: ZoneInfo, source: str) -> dict[str, Any] | None:
    after = request.GET.get("after", "")
    rows = rejected_rows(source, int(after[:18]) if after.isascii() and after.isdigit() else 0, PAGE + 1)
    if not rows and not after:
        return None
    base = f"?{days.address()}" + (f"&{urlencode({'source': source})}" if source else "")
    return {
        "table": tables.rejections_table(rows[:PAGE], zone),
        "next": f"{base}&after={rows[PAGE - 1].id}#rejections" if len(rows) > PAGE else "",
        "previous": f"{base}#rejections" if after else "",
    }
