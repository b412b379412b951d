"""Bill against ledger, to the last digit."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from attribution.queries.engine_residuals import engine_residuals
from attribution.queries.organization import organization
from attribution.queries.provider_residuals import provider_residuals
from attribution.queries.reconciliation import BillReconciliation, reconciliation
from attribution.queries.unknown_meters import unknown_meters
from ingest.queries.rejected import rejected_amounts
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.components.day_range import DayRange, day_range
from portal.components.freshness import freshness
from portal.components.table import Table
from portal.costs.overview import time_of_data
from portal.costs.period import DAY, shifted
from portal.exports.dropped import dropped_words
from portal.exports.of_days import csv_of_days
from portal.exports.questions import ENGINE_RESIDUALS, PROVIDER_RESIDUALS, RECONCILIATION
from portal.frame.guarded import guarded
from portal.reconciliation.domain import bills_table, not_seen_table, parts_table, rejected_words
from portal.reconciliation.engines import engines_table
from portal.reconciliation.providers import meters_table, providers_table

_TABLES = {"engines": ENGINE_RESIDUALS, "providers": PROVIDER_RESIDUALS}
REFUSED = "Bills are for the roles finance, platform owner, operator and auditor."


def reconciliation_page(request: HttpRequest) -> HttpResponseBase:
    """Every current bill that touches the days: billed, in the ledger, difference."""
    viewer = reader_of(request)
    if not viewer.may(Permission.RECONCILIATION):
        raise PermissionDenied(REFUSED)
    zone = organization().zone
    now, known = time_of_data(datetime.now(UTC), zone)
    days = day_range(request.GET.dict(), _month(now.newest))
    if request.GET.get("format") == "csv":
        question = _TABLES.get(request.GET.get("table", ""), RECONCILIATION)
        return csv_of_days(request, question, days, viewer)
    shown = guarded("reconciliation", lambda: _shown(days, zone))
    context = {
        "bar": days.bar(zone),
        "stamp": freshness(now.complete, datetime.now(UTC), zone) if known.newest else None,
        "stamp_details": reverse("data-health"),
        "shown": shown,
        "dropped": dropped_words(*days.bounds(zone)),
        "engines": guarded("engine totals", lambda: _engines(days, zone)),
        "providers": guarded("provider totals", lambda: _providers(days, zone)),
        "meters": guarded("meters", lambda: _meters(days, zone)),
        "csv_providers": f"?{days.address()}&format=csv&table=providers",
        "csv_engines": f"?{days.address()}&format=csv&table=engines",
        "csv": f"?{days.address()}&format=csv" if shown.value and shown.value["bills"] else "",
    }
    return render(request, "reconciliation/reconciliation.html", context)


def _month(newest: date) -> tuple[date, date]:
    """The whole month of the newest day: a bill is of a month."""
    first = newest.replace(day=1)
    return first, shifted(first, -1) - DAY


@dataclass(frozen=True)
class ShownBill:
    """One bill with its tables."""

    bill: BillReconciliation
    key: str
    parts: Table
    not_seen: Table | None


def _shown(days: DayRange, zone: Any) -> dict[str, Any]:
    found = reconciliation(*days.bounds(zone))
    return {
        "bills": found.bills,
        "table": bills_table(found.bills, zone),
        "details": [
            ShownBill(
                bill,
                f"bill-{bill.bill_id}-{bill.currency}",
                parts_table(bill),
                not_seen_table(bill) if bill.not_seen else None,
            )
            for bill in found.bills
        ],
        "unbalanced": [bill for bill in found.bills if bill.difference_nano],
        "waiting": len(found.open_windows),
        "rejected": [(one.source, rejected_words(one)) for one in rejected_amounts()],
        "overview": f"{reverse('overview')}?{days.address()}&group=use",
    }


def _engines(days: DayRange, zone: Any) -> Table | None:
    rows = engine_residuals(*days.bounds(zone))
    return engines_table(rows) if rows else None


def _providers(days: DayRange, zone: Any) -> Table | None:
    rows = provider_residuals(*days.bounds(zone))
    return providers_table(rows) if rows else None


def _meters(days: DayRange, zone: Any) -> Table | None:
    rows = unknown_meters(*days.bounds(zone))
    return meters_table(rows, zone) if rows else None
