"""The overview, and the same rows as CSV."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from attribution.queries import overview as questions
from attribution.queries.overview_days import organization_and_days
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.audit.exporting import noted
from portal.components.filters import ContextBar
from portal.components.freshness import freshness
from portal.components.period_states import STATES
from portal.components.table import Tag
from portal.costs import overview
from portal.costs.asked import asked
from portal.costs.content import content, sheet_of
from portal.costs.context_bar import context_bar
from portal.costs.overview import Setting
from portal.costs.period import Today
from portal.costs.sheet_csv import sheet_csv
from portal.exports.limits import refused_export

NO_ROLE = "Your account has no role that sees costs. An administrator can give you one."


def overview_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """`/`: what it cost, whom, for what, and what changed."""
    viewer = reader_of(request)
    if not viewer.may(Permission.COSTS):
        raise PermissionDenied(NO_ROLE)
    scope, (facts, days) = viewer.scope(Permission.COSTS), organization_and_days()
    now, known = overview.time_of_data(datetime.now(UTC), facts.zone, days)
    if known.newest is None:
        return render(request, "costs/nothing_yet.html", {"bound": scope.bound})
    given = {name: request.GET.get(name, "") for name in request.GET}
    of_page = overview.setting(asked(given, now), now, scope, facts)
    if request.GET.get("format") == "csv":
        return refused_export(request) or _csv(of_page)
    drawn = content(of_page, known)
    context = {
        "content": drawn.html,
        "periods": [
            Tag(f"{month:%b %Y} {STATES[state].text}", STATES[state].tone)
            for month, state in of_page.months.items()
        ],
        "csv": of_page.asked.address() + "&format=csv",
        "bar": _bar(of_page, now, drawn.currencies),
        "stamp": freshness(now.complete, datetime.now(UTC), facts.zone),
        "stamp_details": reverse("data-health") if viewer.may(Permission.DATA_HEALTH) else "",
    }
    return render(request, "costs/overview.html", context)


def _bar(of_page: Setting, now: Today, currencies: Sequence[str]) -> ContextBar:
    zone, bound = of_page.organization.zone.key, of_page.scope.bound
    return context_bar(
        of_page.asked, of_page.days, now, of_page.choices, list(currencies), bound=bound, zone=zone
    )


def _csv(of_page: Setting) -> StreamingHttpResponse:
    parts = questions.parts(of_page.question)
    currencies = overview.currencies(parts)
    currency = overview.chosen_currency(of_page.asked, currencies, of_page.organization.currency)
    group = overview.grouped(of_page, currency, parts)
    overview.find_names(of_page, group, group.rows)
    sheet = sheet_of(of_page, group, currency)
    asked = of_page.asked
    shared = "-idle-shared" if of_page.shares_idle else ""
    name = f"costs-by-{asked.by}{shared}-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    lines = (line.encode() for line in sheet_csv(sheet, of_page.days))
    pieces = noted(lines, object="overview", query={"address": asked.address()}, rows=len(sheet.rows))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
