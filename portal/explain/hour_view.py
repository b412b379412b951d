"""`/explain/hour/`: how one hour of a cluster was split, its devices, and the bill rows behind it."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from attribution.operations.bill_rows import Wanted, bill_rows
from attribution.operations.split_again import SplitHour, SplitPool, split_again
from attribution.queries.explain.charges import charge_rows
from attribution.queries.explain.device_hours import device_hours
from attribution.queries.explain.versions import version_of
from attribution.queries.names import names_of
from attribution.queries.organization import organization
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.components.times import moment
from portal.explain import hour_tables
from portal.explain.parameters import as_texts, number_of
from portal.exports.errors import BadParameter
from portal.exports.parameters import moment_of
from portal.frame.guarded import guarded

REFUSED = "The hours of a cluster are for the roles analyst, finance, platform owner, operator and auditor."
DEVICES, BILL_ROWS = 50, 100
HOUR = timedelta(hours=1)


def hour_page(request: HttpRequest) -> HttpResponse:
    """One hour of one cluster."""
    viewer, zone = reader_of(request), organization().zone
    if not viewer.may(Permission.COSTS) or viewer.scope(Permission.COSTS).bound:
        raise PermissionDenied(REFUSED)
    wanted = _wanted(request)
    if wanted is None:
        return render(request, "explain/hour.html", {"missing": True}, status=404)
    cluster_id, hour, version = wanted
    shown = guarded("hour", lambda: split_again(cluster_id=cluster_id, hour=hour, version=version))
    context: dict[str, Any] = {
        "shown": shown,
        "title": _title(cluster_id, hour, version, zone),
        "pools": [(f"pool-{pool.number}", hour_tables.split_table(pool)) for pool in shown.value.pools]
        if shown.value
        else [],
    }
    if viewer.may(Permission.UTILIZATION):
        context["devices"] = guarded("devices", lambda: _devices(request, cluster_id, hour))
    if viewer.may(Permission.RECONCILIATION) and shown.value:
        found = shown.value
        context["bills"] = guarded("bill rows", lambda: _bills(found, zone))
    return render(request, "explain/hour.html", context)


def _wanted(request: HttpRequest) -> tuple[int, datetime, int] | None:
    texts = as_texts(request.GET.dict())
    try:
        cluster_id, version = number_of(texts, "cluster") or 0, number_of(texts, "version")
        hour = moment_of(texts, "hour", organization().zone)
    except BadParameter:
        return None
    published = version_of(cluster_id, hour, version)
    return None if published is None else (cluster_id, hour, published)


def _title(cluster_id: int, hour: datetime, version: int, zone: tzinfo) -> str:
    cluster = names_of("cluster").get(cluster_id, "of no cluster")
    return f"{cluster}, {moment(hour, zone)}, version {version}"


def _devices(request: HttpRequest, cluster_id: int, hour: datetime) -> dict[str, Any]:
    after = request.GET.get("devices_after", "")
    rows, last = device_hours(cluster_id, hour, after=int(after) if after.isdecimal() else 0, limit=DEVICES)
    query = request.GET.copy()
    query.pop("devices_after", None)
    first = query.urlencode()
    return {
        "table": hour_tables.devices_table(rows) if rows else None,
        "previous": f"?{first}#devices" if after else "",
        "next": "" if last is None else f"?{first}&devices_after={last}#devices",
    }


def _bills(found: SplitHour, zone: tzinfo) -> list[Any]:
    """A table for each cost pool that a bill priced."""
    return [(f"bill-{p.number}", _bill(p, found, zone)) for p in found.pools if p.pool.bill_id]


def _bill(split: SplitPool, found: SplitHour, zone: tzinfo) -> Any:
    pool = split.pool
    wanted = Wanted(
        found.cluster_id, pool.pool_id, pool.service_id, pool.kind, pool.part, pool.resource, pool.currency
    )
    rows, last = bill_rows(
        bill_id=pool.bill_id, start=found.hour, end=found.hour + HOUR, wanted=wanted, limit=BILL_ROWS
    )
    said = charge_rows(pool.bill_id, [row.row_number for row in rows])
    return hour_tables.bill_table(pool, rows, said, zone, more=last is not None)
