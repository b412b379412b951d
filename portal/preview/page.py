"""Try a rule, a price or a reserve over a past range: side by side, and nothing is written."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from attribution.operations.preview.preview import Preview, preview
from attribution.queries.organization import organization
from ingest.fleet.fragment import Fragment, parse_fragment
from ingest.fleet.mistakes import BadFleet
from ingest.fleet.propose import propose
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.audit.exporting import noted
from portal.components.day_range import DayRange, day_range
from portal.components.freshness import freshness
from portal.costs.overview import time_of_data
from portal.exports.limits import refused_export
from portal.frame.guarded import guarded
from portal.preview.asking import form_for
from portal.preview.body import COLUMNS, cells
from portal.preview.starts import STARTS
from portal.preview.tables import pool_hours_table, tenants_table, uses_table

REFUSED = "Previews are for the roles finance, platform owner, operator and auditor."
# An address may have 4,094 bytes, and an escaped text is longer than itself.
LONGEST = 2000
LONGEST_RANGE = 92
USUAL = timedelta(days=6)
NAME = "proposal"


@dataclass(frozen=True)
class Tried:
    """What came of a text: a preview of what it says, or mistakes with their lines."""

    found: Preview | None = None
    fragment: Fragment | None = None
    mistakes: tuple[str, ...] = ()


def preview_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """All state is in the address, so that a preview can be sent to somebody."""
    viewer = reader_of(request)
    if not viewer.may(Permission.PREVIEW):
        raise PermissionDenied(REFUSED)
    zone = organization().zone
    data, known = time_of_data(datetime.now(UTC), zone)
    days = _days(request.GET.dict(), data.newest)
    text = request.GET.get(NAME, "").replace("\r\n", "\n")
    tried = (
        guarded("preview", lambda: _tried(text, days, zone)) if text.strip() and not days.mistakes else None
    )
    value = tried.value if tried else None
    if value and value.found and request.GET.get("format") == "csv":
        return refused_export(request) or _csv(request, value.found, days)
    start = STARTS.get(request.GET.get("kind", ""), STARTS["distribution"])
    context = {
        "stamp": freshness(data.complete, datetime.now(UTC), zone) if known.newest else None,
        "stamp_details": reverse("data-health"),
        "days": days,
        "starts": [(key, each.label) for key, each in STARTS.items()],
        "text": text or start.text,
        "longest": LONGEST,
        "tried": tried,
        "mistakes": value.mistakes if value else (),
        **(_tables(value.found) if value and value.found else {}),
        "ask": form_for(request, value.fragment) if value and value.fragment else None,
        "csv": f"?{_address(request)}" if value and value.found else "",
    }
    return render(request, "preview/preview.html", context)


def _days(given: Mapping[str, str], newest: Any) -> DayRange:
    days = day_range(given, (newest - USUAL, newest))
    if (days.last - days.first).days >= LONGEST_RANGE:
        return replace(
            days, mistakes={"to": f"at most {LONGEST_RANGE} days at once; the command takes any range"}
        )
    return days


def _tried(text: str, days: DayRange, zone: ZoneInfo) -> Tried:
    if len(text) > LONGEST:
        said = f"expected at most {LONGEST:,} characters, found {len(text):,}"
        return Tried(mistakes=(f"{said}: the command takes a file of any size",))
    try:
        fragment = parse_fragment(text, NAME)
        proposal = propose(fragment)
    except BadFleet as bad:
        return Tried(mistakes=tuple(str(mistake) for mistake in bad.mistakes))
    start, end = days.bounds(zone)
    return Tried(preview(start=start, end=end, proposal=proposal), fragment)


def _tables(found: Preview) -> dict[str, Any]:
    same = not any(row.difference for row in found.by_tenant_and_use)
    return {
        "found": found,
        "empty": not found.by_tenant_and_use,
        "same": same,
        "tenants": tenants_table(found),
        "uses": uses_table(found),
        "pools": pool_hours_table(found) if found.pool_hours else None,
    }


def _address(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["format"] = "csv"
    return query.urlencode()


def _csv(request: HttpRequest, found: Preview, days: DayRange) -> StreamingHttpResponse:
    """Every tenant and use, as the command prints them; names that a spreadsheet would run are guarded."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(
        tuple(_guarded(cell) for cell in cells(row)[:2]) + cells(row)[2:] for row in found.by_tenant_and_use
    )
    content = ("\ufeff" + out.getvalue()).encode()
    query = request.GET.dict()
    pieces = noted([content], object="preview", query=query, rows=len(found.by_tenant_and_use))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    name = f"preview-{days.first.isoformat()}-{days.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _guarded(cell: str | None) -> str | None:
    return f"'{cell}" if cell and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
