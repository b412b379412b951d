"""The overview, and the same rows as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from attribution.queries import overview as questions
from attribution.queries.organization import organization
from attribution.queries.overview import GroupRequests, Part
from attribution.queries.overview_devices import UseOfDevices
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.accounts.viewer import Viewer
from portal.components.freshness import freshness
from portal.costs import overview
from portal.costs.asked import asked
from portal.costs.changes import moved_most, movers
from portal.costs.context_bar import baseline, context_bar
from portal.costs.daily_chart import daily_chart
from portal.costs.headlines import Facts, headlines
from portal.costs.keeping import keep
from portal.costs.overview import Setting
from portal.costs.rows import GroupRow
from portal.costs.sheet_csv import sheet_csv
from portal.costs.table import Sheet, SheetFigures, sheet_figures, table_of
from portal.frame.guarded import guarded

NO_ROLE = "Your account has no role that sees costs. An administrator can give you one."


def overview_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """`/`: what it cost, whom, for what, and what changed."""
    viewer = reader_of(request)
    if not viewer.may(Permission.COSTS):
        raise PermissionDenied(NO_ROLE)
    scope, facts = viewer.scope(Permission.COSTS), organization()
    now, known = overview.time_of_data(datetime.now(UTC), facts.zone)
    if known.newest is None:
        return render(request, "costs/nothing_yet.html", {"bound": scope.bound})
    given = {name: request.GET.get(name, "") for name in request.GET}
    of_page = overview.setting(asked(given, now), now, scope, facts)
    if request.GET.get("format") == "csv":
        return _csv(of_page)
    context = _context(of_page, viewer)
    context["bar"] = context_bar(
        of_page.asked,
        of_page.days,
        now,
        of_page.choices,
        context["currencies"],
        bound=scope.bound,
        zone=facts.zone.key,
    )
    context["stamp"] = freshness(now.complete, datetime.now(UTC), facts.zone)
    context["known"] = known
    if viewer.may(Permission.DATA_HEALTH):
        context["stamp_details"] = reverse("data-health")
    return render(request, "costs/overview.html", context)


def _context(of_page: Setting, viewer: Viewer) -> dict[str, Any]:
    parts = guarded("daily cost", lambda: keep("parts", of_page, lambda: questions.parts(of_page.question)))
    currencies = overview.currencies(parts.value or ())
    currency = overview.chosen_currency(of_page.asked, currencies, of_page.organization.currency)
    of_currency = [part for part in parts.value or () if part.currency == currency]
    devices = guarded("use of devices", lambda: keep("devices", of_page, lambda: overview.devices(of_page)))
    table = guarded("table of groups", lambda: _table(of_page, currency))
    context: dict[str, Any] = {
        "asked": of_page.asked,
        "parts": parts,
        "table": table,
        "currencies": currencies,
        "currency": currency,
        "others": [other for other in currencies if other != currency],
        "empty": not parts.failed and not of_currency,
        "baseline": baseline(of_page.days) if _baseline(of_page) else "",
        "csv": of_page.asked.address() + "&format=csv",
    }
    if of_currency:
        total = table.value["group"].total if table.value else None
        facts = _facts(of_page, viewer, of_currency, currency, total, devices.value)
        known = (currency, table.failed, devices.failed, facts.reconciliation)
        context["figures"] = keep("headlines", of_page, lambda: _headlines(facts), *known)
        context["chart"] = keep("chart", of_page, lambda: _chart(of_page, of_currency, currency), currency)
    return context


def _headlines(facts: Facts) -> str:
    """The drawn strip; its addresses are those of the page's setting."""
    return render_to_string("components/kpis.html", {"figures": headlines(facts)})


def _chart(of_page: Setting, parts: Sequence[Part], currency: str) -> str:
    """The drawn card: hundreds of cells of its table, and nothing in it but days and figures."""
    asked = of_page.asked
    chart = daily_chart(parts, currency, asked.first, asked.last, of_page.days.firm)
    return render_to_string("components/chart.html", {"chart": chart, "key": "daily"}) if chart else ""


def _facts(
    of_page: Setting,
    viewer: Viewer,
    parts: Sequence[Part],
    currency: str,
    total: GroupRequests | None,
    devices: UseOfDevices | None,
) -> Facts:
    return Facts(
        of_page.asked,
        currency,
        parts,
        of_page.days.firm,
        total,
        devices,
        _baseline(of_page),
        of_page.scope.bound,
        of_page.counts_requests,
        _bills(of_page, viewer),
        of_page.days.firm < of_page.days.after,
    )


def _bills(of_page: Setting, viewer: Viewer) -> str:
    if not viewer.may(Permission.RECONCILIATION) or of_page.asked.narrowed:
        return ""
    asked = of_page.asked
    return f"{reverse('reconciliation')}?from={asked.first.isoformat()}&to={asked.last.isoformat()}"


def _baseline(of_page: Setting) -> str:
    days = of_page.days
    return f" in {baseline(days)}" if days.base_first < days.base_after else ""


@dataclass(frozen=True)
class Ranked:
    """The table without its names, and the rows that moved most."""

    group: overview.Grouped
    sheet: Sheet
    figures: SheetFigures
    moved: Sequence[GroupRow]


def _ranked(of_page: Setting, currency: str) -> Ranked:
    group = overview.grouped(of_page, currency)
    sheet = _sheet(of_page, group, currency)
    daily = questions.daily(of_page.question, of_page.asked.by, [row.key for row in sheet.shown])
    moved = moved_most(sheet.rows) if sheet.compared else []
    return Ranked(group, sheet, sheet_figures(sheet, daily), moved)


def _table(of_page: Setting, currency: str) -> dict[str, Any]:
    ranked = keep("table", of_page, lambda: _ranked(of_page, currency), currency)
    sheet = ranked.sheet
    overview.find_names(of_page, ranked.group, [*sheet.shown, *ranked.moved])
    pages = {place: sheet.asked.address(page=place) for place in (sheet.page - 1, sheet.page + 1)}
    return {
        "group": ranked.group,
        "table": table_of(sheet, ranked.figures),
        "movers": movers(ranked.moved, currency, sheet.href),
        "place": sheet.place,
        "previous": pages[sheet.page - 1] if sheet.page > 1 else "",
        "next": pages[sheet.page + 1] if sheet.page < sheet.pages else "",
    }


def _sheet(of_page: Setting, group: overview.Grouped, currency: str) -> Sheet:
    bound = "what your tenants bear" if of_page.scope.bound else "what no tenant bears has a line of its own"
    zone = of_page.organization.zone.key
    caption = f"{currency}, effective cost as the ledger's rules distribute it; {bound}. Days in {zone}."
    return overview.sheet(of_page, group, currency, f"By {of_page.asked.by}", caption)


def _csv(of_page: Setting) -> StreamingHttpResponse:
    currencies = overview.currencies(questions.parts(of_page.question))
    currency = overview.chosen_currency(of_page.asked, currencies, of_page.organization.currency)
    group = overview.grouped(of_page, currency)
    overview.find_names(of_page, group, group.rows)
    sheet = _sheet(of_page, group, currency)
    asked = of_page.asked
    name = f"costs-by-{asked.by}-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    response = StreamingHttpResponse(sheet_csv(sheet, of_page.days), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
