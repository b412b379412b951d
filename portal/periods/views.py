"""Months: where each stands, what is missing before it closes, and the changes that close and open it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attribution.domain.months import parse_month
from attribution.operations.periods.steps import CannotStep
from attribution.queries.adjustments import adjustment_sums, adjustments_of
from attribution.queries.late import late_facts
from attribution.queries.organization import organization
from attribution.queries.period_exports import export_of
from attribution.queries.periods import Period, PeriodState, period
from portal.accounts.permissions import Permission
from portal.accounts.person_of import person_of
from portal.accounts.reader import reader_of
from portal.components.period_states import STATES
from portal.frame.guarded import guarded
from portal.periods import domain
from portal.periods.exporting import ask_export, last_asked
from portal.periods.queries import items_of, months

REFUSED = "Periods are for the roles finance, platform owner, operator and auditor."
LARGEST = 25


def periods_page(request: HttpRequest) -> HttpResponse:
    """`/periods/`: all months."""
    _reader(request)
    shown = guarded("months", lambda: (months(datetime.now(UTC)), late_facts()))
    table = domain.months_table(*shown.value) if shown.value and shown.value[0] else None
    return render(request, "periods/periods.html", {"shown": shown, "table": table})


def period_page(request: HttpRequest, month: str) -> HttpResponse:
    """`/periods/2026-03/`: one month."""
    viewer = _reader(request)
    found = _month(month)
    shown = guarded("month", lambda: _shown(found))
    waiting = found.waiting
    mine = waiting is not None and waiting.requested_person == person_of(request).pk
    context = {
        "period": found,
        "slug": month,
        "name": domain.month_name(found.month),
        "tag": STATES[found.state],
        "shown": shown,
        "waiting": waiting,
        "mine": mine,
        "may": viewer.may(Permission.CLOSE_PERIODS),
        "is_open": found.state is PeriodState.OPEN,
        "is_closed": found.state is PeriodState.CLOSED,
    }
    return render(request, "periods/period.html", context)


@require_POST
def export_period(request: HttpRequest, month: str) -> HttpResponse:
    """`/periods/2026-03/export/`: let a closed month be written to files."""
    if not _reader(request).may(Permission.CLOSE_PERIODS):
        raise PermissionDenied("A month is exported by who may close it.")
    found = _month(month)
    try:
        ask_export(month=found.month, by=person_of(request).name, now=datetime.now(UTC))
    except CannotStep as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{domain.month_name(found.month)} will be written to files by a worker.")
    return redirect(f"{reverse('period', args=[month])}#export")


def _reader(request: HttpRequest) -> Any:
    viewer = reader_of(request)
    if not viewer.may(Permission.PERIODS):
        raise PermissionDenied(REFUSED)
    return viewer


def _month(text: str) -> Period:
    try:
        return period(parse_month(text))
    except ValueError:
        raise Http404 from None


def _shown(found: Period) -> dict[str, Any]:
    zone = organization().zone
    items = items_of(found, datetime.now(UTC))
    late = late_facts(found.month).get(found.month)
    sums, largest = adjustment_sums(found.month), adjustments_of(found.month, limit=LARGEST + 1)
    return {
        "checklist": domain.checklist_table(items, zone, found.month),
        "passes": all(item["passed"] for item in items),
        # What is over its target can be explained; the rest has to be mended first.
        "may_be_asked": all(item["passed"] or item["key"] == "unallocated" for item in items),
        "export": export_of(found),
        "asked": last_asked(found),
        "late": domain.late_words(late) if late else "",
        "late_bills": domain.late_bills_table(late, zone) if late else None,
        "steps": domain.steps_table(found.steps, zone) if found.steps else None,
        "closings": domain.closings_table(found, zone) if found.closings else None,
        "sums": domain.adjustment_sums_table(sums, zone) if sums else None,
        "adjustments": domain.adjustments_table(largest, zone, LARGEST) if largest else None,
    }
