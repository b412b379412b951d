"""May a month be closed? Each condition with its figures, and why it fails."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.money import exact_text, from_nano
from attribution.domain.months import month_bounds, previous_month
from attribution.queries.costs import costs_by
from attribution.queries.coverage import coverage
from attribution.queries.dimensions import CostDimension
from attribution.queries.explain.figures import SERVING_USES, UNALLOCATED_USES
from attribution.queries.organization import organization
from attribution.queries.reconciliation import reconciliation
from attribution.queries.utilization import share


class Feeds(NamedTuple):
    """What the front door says of the month's feeds: hours not read whole, the first of them, and whose."""

    incomplete: int
    first: datetime | None = None
    source: str = ""


class CheckItem(NamedTuple):
    """A condition. `figures` are what it was judged by; `why` says what is wrong, or what explains it."""

    key: str
    passed: bool
    figures: dict[str, Any]
    why: str = ""


def checklist(month: date, *, now: datetime, feeds: Feeds, explanation: str = "") -> list[CheckItem]:
    """All conditions of closing a month, in order. `explanation` are the words for what stays unallocated."""
    start, end = month_bounds(month, organization().zone)
    return [
        _over(end, now),
        _windows(start, end),
        _feeds(feeds, coverage(start, end).device_minutes),
        _bills(start, end),
        _overdue(month),
        _unallocated(start, end, explanation),
    ]


def _over(end: datetime, now: datetime) -> CheckItem:
    why = "" if now >= end else f"it lasts until {end:%Y-%m-%d %H:%M} UTC"
    return CheckItem("over", now >= end, {"end": end.isoformat()}, why)


def _windows(start: datetime, end: datetime) -> CheckItem:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(dirty_at), count(*) FILTER (WHERE version > 0),
                      min(hour) FILTER (WHERE dirty_at IS NOT NULL)
                 FROM attribution_window WHERE hour >= %s AND hour < %s""",
            [start, end],
        )
        windows, waiting, attributed, first = cursor.fetchone()
    why = "nothing is attributed in this month" if not attributed else ""
    if waiting:
        why = f"{waiting} windows wait for attribution, the first at {first:%Y-%m-%d %H:%M} UTC"
    return CheckItem("windows", not why, {"windows": windows, "waiting": waiting}, why)


def _feeds(feeds: Feeds, covered: Decimal | None) -> CheckItem:
    why = ""
    if feeds.incomplete:
        first = f", the first at {feeds.first:%Y-%m-%d %H:%M} UTC" if feeds.first else ""
        why = f"{feeds.incomplete} hours of feeds were not read whole{first} ({feeds.source})"
    figures = {"incomplete_hours": feeds.incomplete, "coverage": None if covered is None else str(covered)}
    return CheckItem("feeds", not feeds.incomplete, figures, why)


def _bills(start: datetime, end: datetime) -> CheckItem:
    found = reconciliation(start, end)
    differences: dict[str, int] = defaultdict(int)
    wrong = []
    for bill in found.bills:
        differences[bill.currency] += abs(bill.difference_nano)
        if bill.difference_nano or bill.pools_stale:
            wrong.append(f"{bill.source} {bill.currency}: {exact_text(bill.difference_nano)}")
    figures = {
        "bills": len({bill.bill_id for bill in found.bills}),
        "difference": {currency: str(from_nano(nano)) for currency, nano in sorted(differences.items())},
    }
    return CheckItem("bills", not wrong, figures, f"not reconciled: {'; '.join(wrong)}" if wrong else "")


def _overdue(month: date) -> CheckItem:
    """Sources that brought a bill for both months before, and none for this one."""
    zone = organization().zone
    before = previous_month(month)
    spans = [month_bounds(one, zone) for one in (previous_month(before), before, month)]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.name, array_agg(DISTINCT m.number ORDER BY m.number)
                 FROM source s
                 JOIN bill b ON b.source_id = s.id AND b.current
                 JOIN unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY m(start, after, number)
                   ON b.period_start < m.after AND b.period_end > m.start
                WHERE s.active GROUP BY s.name ORDER BY s.name""",
            [[start for start, _ in spans], [end for _, end in spans]],
        )
        months = {name: set(numbers) for name, numbers in cursor.fetchall()}
    expected = [name for name, numbers in months.items() if {1, 2} <= numbers]
    missing = [name for name in expected if 3 not in months[name]]
    why = f"no bill of this month from {', '.join(missing)}, which brought one for both months before"
    figures = {"expected": len(expected), "missing": missing}
    return CheckItem("overdue", not missing, figures, why if missing else "")


class Unallocated(NamedTuple):
    """Of a currency: all cost, what of it is unallocated, and the share (None: nothing is priced)."""

    currency: str
    cost_nano: int
    unallocated_nano: int
    share: Decimal | None


def unallocated(start: datetime, end: datetime) -> list[Unallocated]:
    """What nobody held or nobody is known for, by currency; as the overview's figure."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in costs_by(start, end, (CostDimension.TENANT, CostDimension.KIND, CostDimension.USE)).rows:
        _, kind, use = row.group
        nobodys = use in UNALLOCATED_USES or (use in SERVING_USES and not row.ids[0])
        sums[row.currency][0] += row.amount_nano or 0
        if nobodys and kind not in ("network", "egress"):
            sums[row.currency][1] += row.amount_nano or 0
    return [
        Unallocated(currency, cost, part, share(part, cost) if cost else None)
        for currency, (cost, part) in sorted(sums.items())
    ]


def _unallocated(start: datetime, end: datetime, explanation: str) -> CheckItem:
    target = organization().unallocated_target
    found = unallocated(start, end)
    over = [one for one in found if one.share is not None and one.share > target]
    figures = {
        "target": str(target),
        "cost": {one.currency: str(from_nano(one.cost_nano)) for one in found},
        "share": {one.currency: None if one.share is None else str(one.share) for one in found},
        "amount": {one.currency: str(from_nano(one.unallocated_nano)) for one in found},
    }
    if not over:
        return CheckItem("unallocated", True, figures)
    said = "; ".join(f"{one.share:.2%} of {one.currency}" for one in over)
    if explanation.strip():
        return CheckItem("unallocated", True, figures, f"{said} is over the target: {explanation.strip()}")
    return CheckItem("unallocated", False, figures, f"{said} is over the target of {target:.2%}; say why")
