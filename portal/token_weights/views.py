"""Token weights: which fits were proposed, refused and approved, and how good they are."""

from datetime import UTC, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from attribution.queries.organization import organization
from attribution.queries.token_fits import TokenFitRow, token_fits
from portal.accounts.permissions import Permission
from portal.accounts.person_of import person_of
from portal.accounts.reader import reader_of
from portal.approvals.queries.asked_fits import asked_fits
from portal.approvals.queries.inbox import visible
from portal.components.day_range import day_range
from portal.components.freshness import freshness
from portal.costs.overview import time_of_data
from portal.exports.of_days import csv_of_days
from portal.exports.questions import TOKEN_FITS
from portal.frame.guarded import guarded
from portal.token_weights.tables import fits_table

REFUSED = "Token weights are for the roles analyst, finance, platform owner, operator and auditor."
USUAL = timedelta(days=89)


def token_weights_page(request: HttpRequest) -> HttpResponseBase:
    """Fits whose data or validity touch the days; deciding is done where fits are approved."""
    viewer = reader_of(request)
    if not viewer.may(Permission.UTILIZATION):
        raise PermissionDenied(REFUSED)
    zone = organization().zone
    data, known = time_of_data(datetime.now(UTC), zone)
    days = day_range(request.GET.dict(), (data.newest - USUAL, data.newest))
    if request.GET.get("format") == "csv":
        return csv_of_days(request, TOKEN_FITS, days, viewer)
    found = guarded("token fits", lambda: token_fits(*days.bounds(zone)))
    fits: list[TokenFitRow] = found.value or []
    asked = asked_fits(visible(viewer.scope(Permission.APPROVALS), person_of(request))) if fits else {}
    context = {
        "bar": days.bar(zone),
        "stamp": freshness(data.complete, datetime.now(UTC), zone) if known.newest else None,
        "stamp_details": reverse("data-health") if viewer.may(Permission.DATA_HEALTH) else "",
        "found": found,
        "table": fits_table(fits, zone, asks=viewer.may(Permission.REQUEST_CHANGES), asked=asked)
        if fits
        else None,
        "waiting": sum(fit.state == "proposed" for fit in fits),
        "csv": f"?{days.address()}&format=csv" if fits else "",
    }
    return render(request, "token_weights/token_weights.html", context)
