"""What a change would cost, from the last weeks, with a range."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from attribution.operations.preview.of_fit import preview_of_fit, spans_of_fit
from attribution.operations.preview.preview import Preview, preview
from attribution.queries.organization import organization
from attribution.queries.pool_now import nano_per_device_hour, pool_named
from attribution.queries.whole_weeks import whole_weeks
from ingest.fleet.fragment import Fragment
from ingest.fleet.propose import propose
from portal.approvals.domain.canonical import hash_of
from portal.approvals.domain.impact import METHOD, monthly, moved
from portal.approvals.domain.plan import Plan
from portal.approvals.operations.fragment_of import as_if_always

WEEKS = 4
_HOURS_A_WEEK = 168
Weeks = Sequence[tuple[datetime, datetime]]


def impact_of(plan: Plan, fragment: Fragment | None, weeks: Weeks | None = None) -> dict[str, Any]:
    """The part `impact` of the evidence; over `weeks` where they are given, to see whether figures moved.

    Amounts are whole nano-units a month. `known` False: it says why, and every amount is None.
    """
    if plan.fit is not None:
        return _of_fit(plan.fit, plan.withdraw, weeks)
    if plan.period:
        return _unknown("a month that is closed or opened spends nothing by itself", [])
    weeks = whole_weeks(WEEKS) if weeks is None else weeks
    if not weeks:
        return _unknown("there is not one whole week of figures yet", weeks)
    if fragment is not None:
        return _of_rules(fragment, weeks)
    if plan.pool and plan.devices:
        return _of_devices(plan, weeks)
    return _unknown("nothing in this plan has a price", weeks)


def _of_rules(fragment: Fragment, weeks: Weeks) -> dict[str, Any]:
    proposal = propose(as_if_always(fragment))
    found = [preview(start=start, end=end, proposal=proposal) for start, end in weeks]
    currencies = {row.currency for one in found for row in one.totals}
    if len(currencies) != 1:
        return _unknown(f"{len(currencies)} currencies are concerned, and they are never added", weeks)
    totals = [one.totals[0].difference if one.totals else 0 for one in found]
    hands = [moved([row.difference for row in one.by_tenant]) for one in found]
    body = _body(currencies.pop(), totals, hands, weeks)
    body["by_tenant"] = _by_tenant(found)
    return body | _hashes(found)


def _hashes(found: Sequence[Preview]) -> dict[str, Any]:
    """What a request is bound to, and what its reader has to know."""
    return {
        "inputs_hash": hash_of([one.inputs_hash for one in found]),
        "rows_hash": hash_of([one.rows_hash for one in found]),
        "assumptions": sorted({sentence for one in found for sentence in one.assumptions}),
    }


def _of_fit(fit_id: int, withdrawn: bool, weeks: Weeks | None) -> dict[str, Any]:
    """Once: what tenants bear more or less of the hours that are attributed again."""
    weeks = spans_of_fit(fit_id) if weeks is None else weeks
    if not weeks:
        return _unknown("there is not one whole day of figures yet", [])
    found = preview_of_fit(fit_id=fit_id, withdrawn=withdrawn, spans=weeks)
    currencies = {row.currency for one in found for row in one.totals}
    if len(currencies) != 1:
        return _unknown(f"{len(currencies)} currencies are concerned, and they are never added", weeks)
    sums = {tenant: _sum(differences) for tenant, differences in _differences(found).items()}
    said = "did not weigh" if withdrawn else "weighed"
    total, first, last = _sum(list(sums.values())), weeks[-1][0], weeks[0][1] - timedelta(microseconds=1)
    return {
        **_unknown("" if total is not None else "an hour has amounts without a price", weeks),
        "known": total is not None,
        "once": True,
        "currency": currencies.pop(),
        "middle": total,
        "moved": moved(list(sums.values())),
        "method": f"in the days from {first:%Y-%m-%d} to {last:%Y-%m-%d}, computed as if it {said}",
        "by_tenant": [
            {"tenant": tenant, "low": None, "middle": amount, "high": None}
            for tenant, amount in sorted(sums.items(), key=lambda row: (row[0] is None, str(row[0])))
            if amount != 0
        ],
        **_hashes(found),
    }


def _sum(amounts: Sequence[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _of_devices(plan: Plan, weeks: Weeks) -> dict[str, Any]:
    """Devices × what one of them cost an hour in each week."""
    pool_id = pool_named(plan.pool)
    rates = [nano_per_device_hour(pool_id, *week) if pool_id else None for week in weeks]
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(weeks) or len({currency for currency, _ in known}) != 1:
        return _unknown(f"devices of {plan.pool} have no price in every one of these weeks", weeks)
    amounts: list[int | None] = [round(rate * plan.devices * _HOURS_A_WEEK) for _, rate in known]
    body = _body(known[0][0], amounts, [None if one is None else abs(one) for one in amounts], weeks)
    more = f"{plan.devices} more" if plan.devices > 0 else f"{-plan.devices} fewer"
    body["assumptions"] = [f"{more} devices at what a device-hour of {plan.pool} cost in each week"]
    body["inputs_hash"] = body["rows_hash"] = hash_of([str(rate) for _, rate in known])
    return body


def _differences(found: Sequence[Preview]) -> dict[str | None, list[int | None]]:
    """By tenant, of each preview."""
    differences: dict[str | None, list[int | None]] = defaultdict(lambda: [0] * len(found))
    for place, one in enumerate(found):
        for row in one.by_tenant:
            differences[row.tenant][place] = row.difference
    return differences


def _by_tenant(found: Sequence[Preview]) -> list[dict[str, Any]]:
    rows = []
    for tenant, weeks in _differences(found).items():
        span = monthly(weeks)
        if span is None or (span.low, span.high) != (0, 0):
            figures = (None, None, None) if span is None else (span.low, span.middle, span.high)
            rows.append({"tenant": tenant, **dict(zip(("low", "middle", "high"), figures, strict=True))})
    return sorted(rows, key=lambda row: (row["tenant"] is None, str(row["tenant"])))


def _body(
    currency: str, totals: Sequence[int | None], hands: Sequence[int | None], weeks: Weeks
) -> dict[str, Any]:
    total, moves = monthly(totals), monthly(hands)
    return {
        **_unknown("" if total else "a week has amounts without a price", weeks),
        "known": total is not None,
        "currency": currency,
        "low": total.low if total else None,
        "middle": total.middle if total else None,
        "high": total.high if total else None,
        "moved": moves.high if moves else None,
        "method": METHOD.format(weeks=len(weeks)),
    }


def _unknown(why: str, weeks: Weeks) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("low", "middle", "high", "moved", "inputs_hash", "rows_hash"))
    return {
        **nothing,
        "known": False,
        "why": why,
        "currency": organization().currency,
        "method": "",
        "by_tenant": [],
        "assumptions": [],
        "weeks": [[start.isoformat(), end.isoformat()] for start, end in weeks],
    }
