"""Network and egress: bytes on the bill against measured bytes, and who bears the money."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from attribution.queries.billed_bytes import billed_bytes
from attribution.queries.organization import organization
from attribution.queries.transfer_shares import transfer_shares
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.accounts.viewer import Viewer
from portal.components.day_range import DayRange, day_range
from portal.components.freshness import freshness
from portal.costs.overview import time_of_data
from portal.exports.dropped import dropped_words
from portal.exports.of_days import csv_of_days
from portal.exports.questions import TRANSFER_BYTES, TRANSFERS
from portal.frame.guarded import guarded
from portal.network.tables import classes_table, days_table, shares_table

REFUSED = "Network costs are for every role; this account has none."
BILLS_REFUSED = "Bytes on bills are for the roles finance, platform owner, operator and auditor."


def network_page(request: HttpRequest) -> HttpResponseBase:
    """A tenant's reader sees its own part of the money; bills are for those who may see them."""
    viewer = reader_of(request)
    if not viewer.may(Permission.COSTS):
        raise PermissionDenied(REFUSED)
    zone = organization().zone
    data, known = time_of_data(datetime.now(UTC), zone)
    newest = data.newest
    days = day_range(request.GET.dict(), (newest.replace(day=1), newest))
    sees_bills = viewer.may(Permission.RECONCILIATION)
    if request.GET.get("format") == "csv":
        question = TRANSFERS if request.GET.get("table") == "shares" else TRANSFER_BYTES
        if not viewer.may(question.permission):
            raise PermissionDenied(BILLS_REFUSED)
        return csv_of_days(request, question, days, viewer)
    context = {
        "bar": days.bar(zone),
        "stamp": freshness(data.complete, datetime.now(UTC), zone) if known.newest else None,
        "stamp_details": reverse("data-health") if viewer.may(Permission.DATA_HEALTH) else "",
        "dropped": dropped_words(*days.bounds(zone)),
        "sees_bills": sees_bills,
        "refused": BILLS_REFUSED,
        "bytes": guarded("bytes of bills", lambda: _bytes(days, zone)) if sees_bills else None,
        "shares": guarded("network costs", lambda: _shares(days, zone, viewer)),
        "csv": f"?{days.address()}&format=csv" if sees_bills else "",
        "csv_shares": f"?{days.address()}&format=csv&table=shares",
    }
    return render(request, "network/network.html", context)


def _bytes(days: DayRange, zone: ZoneInfo) -> dict[str, Any] | None:
    found = billed_bytes(*days.bounds(zone))
    if not found.rows:
        return None
    unmeasured = any(row.amounts and row.unmeasured is not None for row in found.totals)
    return {"classes": classes_table(found), "days": days_table(found), "unmeasured": unmeasured}


def _shares(days: DayRange, zone: ZoneInfo, viewer: Viewer) -> Any:
    shares = transfer_shares(*days.bounds(zone), scope=viewer.scope(Permission.COSTS))
    return shares_table(shares) if shares else None
