"""What an overview shows below its bar, drawn: each part may fail on its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from attribution.queries import overview as questions
from attribution.queries.overview import GroupRequests, Part
from attribution.queries.overview_days import KnownDays
from attribution.queries.overview_devices import UseOfDevices
from portal.costs import overview
from portal.costs.changes import moved_most, movers
from portal.costs.context_bar import baseline
from portal.costs.daily_chart import daily_chart
from portal.costs.headlines import Facts, headlines
from portal.costs.keeping import keep
from portal.costs.overview import Setting
from portal.costs.table import Sheet, sheet_figures, table_of
from portal.frame.guarded import Guard, together


@dataclass(frozen=True)
class Content:
    """HTML, the currencies that there are, and whether all parts could be drawn."""

    html: str
    currencies: Sequence[str]
    whole: bool


def content(of_page: Setting, known: KnownDays) -> Content:
    """The content, as it was drawn before if neither days nor names have changed since."""
    facts = of_page.organization
    return keep(
        of_page,
        lambda: together(lambda guard: _drawn(of_page, known, guard)),
        lambda drawn: drawn.whole,
        (known, facts.zone.key, facts.currency, bool(of_page.asked.mistakes)),
    )


def _drawn(of_page: Setting, known: KnownDays, guard: Guard) -> Content:
    parts = guard("daily cost", lambda: questions.parts(of_page.question))
    currencies = overview.currencies(parts.value or ())
    currency = overview.chosen_currency(of_page.asked, currencies, of_page.organization.currency)
    of_currency = [part for part in parts.value or () if part.currency == currency]
    devices = guard("use of devices", lambda: overview.devices(of_page))
    table = guard("table of groups", lambda: _table(of_page, currency, parts.value or ()))
    context: dict[str, Any] = {
        "asked": of_page.asked,
        "known": known,
        "parts": parts,
        "table": table,
        "currency": currency,
        "others": [other for other in currencies if other != currency],
        "empty": not parts.failed and not of_currency,
        "baseline": baseline(of_page.days) if _baseline(of_page) else "",
    }
    if of_currency:
        total = table.value["total"] if table.value else None
        first, last = of_page.asked.first, of_page.asked.last
        context["figures"] = headlines(_facts(of_page, of_currency, currency, total, devices.value))
        context["chart"] = daily_chart(of_currency, currency, first, last, of_page.days.firm)
    whole = not (parts.failed or devices.failed or table.failed)
    return Content(render_to_string("costs/content.html", context), currencies, whole)


def _facts(
    of_page: Setting,
    parts: Sequence[Part],
    currency: str,
    total: GroupRequests | None,
    devices: UseOfDevices | None,
) -> Facts:
    return Facts(
        of_page.asked,
        currency,
        parts,
        of_page.days,
        total,
        devices,
        _baseline(of_page),
        of_page.scope.bound,
        of_page.counts_requests,
    )


def _baseline(of_page: Setting) -> str:
    days = of_page.days
    return f" in {baseline(days)}" if days.base_first < days.base_after else ""


def _table(of_page: Setting, currency: str, parts: Sequence[Part]) -> dict[str, Any]:
    group = overview.grouped(of_page, currency, parts)
    sheet = sheet_of(of_page, group, currency)
    daily = questions.daily(of_page.question, of_page.asked.by, [row.key for row in sheet.shown])
    moved = moved_most(sheet.rows) if sheet.compared else []
    overview.find_names(of_page, group, [*sheet.shown, *moved])
    pages = {place: sheet.asked.address(page=place) for place in (sheet.page - 1, sheet.page + 1)}
    return {
        "total": group.total,
        "table": table_of(sheet, sheet_figures(sheet, daily)),
        "movers": movers(moved, currency, sheet.href),
        "place": sheet.place,
        "previous": pages[sheet.page - 1] if sheet.page > 1 else "",
        "next": pages[sheet.page + 1] if sheet.page < sheet.pages else "",
    }


def sheet_of(of_page: Setting, group: overview.Grouped, currency: str) -> Sheet:
    """The table's data in one currency, of the page and of the CSV."""
    bound = "what your tenants bear" if of_page.scope.bound else "what no tenant bears has a line of its own"
    if of_page.shares_idle:
        bound = "the platform's idle cost is shown on tenants by what each bears, in this view only"
    zone = of_page.organization.zone.key
    caption = f"{currency}, effective cost as the ledger's rules distribute it; {bound}. Days in {zone}."
    return overview.sheet(of_page, group, currency, f"By {of_page.asked.by}", caption)
