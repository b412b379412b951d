"""`/explain/`: a figure, how it was made, what of, and what changed it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.changes import changes_of_versions
from attribution.queries.explain.dropped import RowsDropped
from attribution.queries.explain.explanation import Explanation, explain
from attribution.queries.explain.figures import OF_EVERYBODY
from attribution.queries.explain.lines import evidence_lines
from attribution.queries.explain.pool_hours import PoolHour, pool_hours
from attribution.queries.explain.versions import AsOf
from attribution.queries.organization import organization
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.accounts.viewer import Viewer
from portal.components.freshness import freshness
from portal.components.table import Table
from portal.costs.overview import time_of_data
from portal.explain import evidence_tables, tables
from portal.explain.asked import FIGURES, PageAsked, page_asked
from portal.explain.head import facts, head_figures
from portal.explain.months import month_facts, month_tags
from portal.explain.parameters import Asking, asking, place_of, place_text
from portal.explain.permalink import permalink
from portal.exports.errors import BadParameter, NotAllowed
from portal.exports.parameters import moment_of
from portal.exports.plain import time_text
from portal.frame.guarded import guarded

REFUSED = "Your role does not see this figure: it is of everybody's devices, requests or bills."
ROWS = 25


def explain_page(request: HttpRequest) -> HttpResponse:
    """One figure. A name that is not the reader's is answered like one that nobody has."""
    viewer, zone = reader_of(request), organization().zone
    now, known = time_of_data(datetime.now(UTC), zone)
    page = page_asked(request.GET.dict(), (now.newest.replace(day=1), now.newest))
    everything = "all that you see" if viewer.scope(Permission.COSTS).bound else "everything"
    context: dict[str, Any] = {"bar": page.bar(zone.key, _figures(viewer), everything)}
    if page.days.mistakes:
        said = "What is wrong with them stands under their field; no figure of other days is shown instead."
        context |= {"mistake_title": "These days cannot be explained", "mistake": said}
        return render(request, "explain/explain.html", context, status=400)
    try:
        wanted = asking(page.texts(), viewer)
    except NotAllowed:
        raise PermissionDenied(REFUSED) from None
    except BadParameter as mistake:
        context |= {"mistake_title": "There is no such figure", "mistake": str(mistake)}
        return render(request, "explain/explain.html", context, status=400)
    if known.newest and not page.kept.get("as_of"):  # of a past moment it says nothing
        context["stamp"] = freshness(now.complete, datetime.now(UTC), zone)
    context["stamp_details"] = reverse("data-health") if viewer.may(Permission.DATA_HEALTH) else ""
    shown = guarded("explanation", lambda: explain(wanted.asked))
    context |= {"shown": shown, "pools": None, "lines": None, "changes": None}
    if shown.value is not None:
        context |= _parts(request, page, wanted, shown.value, zone)
    return render(request, "explain/explain.html", context)


def _figures(viewer: Viewer) -> dict[str, str]:
    bound = viewer.scope(Permission.COSTS).bound
    return {figure: words for figure, words in FIGURES.items() if not (bound and figure in OF_EVERYBODY)}


def _parts(
    request: HttpRequest, page: PageAsked, wanted: Asking, found: Explanation, zone: ZoneInfo
) -> dict[str, Any]:
    link = permalink(request.path, {name: [text] for name, text in _own(page).items()}, found.pinned)
    return {
        "figures": head_figures(found),
        "tags": month_tags(found.months, zone),
        "facts": [*facts(found), *month_facts(found.months, zone)],
        "dropped": found.dropped and not found.sums,
        "inputs": tables.inputs_table(found),
        "rules": tables.rules_table(found, zone) if found.rules else None,
        "prices": tables.prices_table(found, zone) if found.prices or found.bills else None,
        "exclusions": tables.exclusions_table(found) if found.exclusions else None,
        "permalink": link,
        "as_expected": not wanted.pin or wanted.pin == found.pinned.digest,
        "as_of": found.pinned.as_of if page.kept.get("as_of") else None,
        "pools": _paged(request, page, "pools", lambda after: _pools(found, zone, after)),
        "lines": _paged(request, page, "lines", lambda after: _lines(found, zone, after)),
        "changes": guarded("changes", lambda: _changes(page, wanted.asked, zone)) if page.since else None,
    }


def _own(page: PageAsked) -> dict[str, str]:
    """The parameters of the page itself: its days are inclusive."""
    days = page.days
    return {
        "figure": page.figure,
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        **page.kept,
    }


Paged = tuple[Table, str | None]


def _paged(request: HttpRequest, page: PageAsked, key: str, make: Callable[[str], Paged]) -> dict[str, Any]:
    """A table that fails alone, with the addresses of its pages; "" behind the last row."""
    after = request.GET.get(f"{key}_after", "")
    part = guarded(key, lambda: make(after))
    following = part.value[1] if part.value else None
    return {
        "part": part,
        "table": part.value[0] if part.value else None,
        "previous": f"{page.address()}#{key}" if after else "",
        "next": f"{page.address(**{f'{key}_after': following})}#{key}" if following else "",
    }


def _place(text: str) -> dict[str, Any]:
    """A wrong place is the first page."""
    try:
        return {"after": place_of(text)} if text else {}
    except BadParameter:
        return {}


def _pools(found: Explanation, zone: ZoneInfo, after: str) -> Paged:
    page = pool_hours(found.asked, found.pinned, currency=found.currency, limit=ROWS, **_place(after))
    bound = found.asked.tenants.bound
    table = evidence_tables.pools_table(
        page.rows, found.currency, zone, (lambda row: "") if bound else _hour_address, bound=bound
    )
    return table, place_text(page.after)


def _hour_address(row: PoolHour) -> str:
    """Where a cost pool leads: to how its hour was split."""
    values = {"cluster": row.cluster_id, "hour": time_text(row.hour), "version": row.version}
    return f"{reverse('explain-hour')}?{urlencode(values)}"


def _lines(found: Explanation, zone: ZoneInfo, after: str) -> Paged:
    page = evidence_lines(found.asked, found.pinned, currency=found.currency, limit=ROWS, **_place(after))
    return evidence_tables.lines_table(page.rows, found.currency, zone), place_text(page.after)


def _changes(page: PageAsked, asked: Asked, zone: ZoneInfo) -> dict[str, Any] | None:
    """What changed since the end of the day before: as it stood when that day began."""
    try:
        since = moment_of({"since": [page.since]}, "since", zone)
    except BadParameter:
        return {"mistake": "“What changed since” needs a day such as 2026-11-24."}
    try:
        found = changes_of_versions(replace(asked, as_of=AsOf(since)), asked)
    except RowsDropped as refusal:
        return {"mistake": f"What changed cannot be told: {refusal}."}
    return {
        "terms": evidence_tables.changes_table(found),
        "groups": evidence_tables.changed_table(found) if found.groups else None,
    }
