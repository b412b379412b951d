"""What the pages of periods say: months, a month's checklist, its steps, and what corrects what."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from attribution.domain.months import next_month
from attribution.queries.adjustments import Adjustment, AdjustmentSum
from attribution.queries.late import LateFacts
from attribution.queries.periods import Deed, Period, Step
from portal.components.formats import DASH, counted, known_share, percent, plain
from portal.components.period_states import STATES
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import DAY, in_words, moment
from portal.components.zone import reporting_zone
from portal.costs.parts import KINDS, USES
from portal.explain.names import Names
from portal.reconciliation.domain import exact

Items = Sequence[Mapping[str, Any]]

CONDITIONS = {
    "over": "The month is over",
    "windows": "All hours attributed",
    "feeds": "Feeds complete",
    "bills": "Bills reconciled to zero",
    "overdue": "No bill is overdue",
    "unallocated": "Unallocated under its target, or explained",
}
# The page of a condition's evidence, and what is asked of it beside the days.
EVIDENCE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "windows": ("data-health", {}),
    "feeds": ("data-health", {}),
    "bills": ("reconciliation", {}),
    "overdue": ("reconciliation", {}),
    "unallocated": ("explain", {"figure": "unallocated_share"}),
}
OUTCOMES = {
    "": Tag("waits", "info"),
    "confirmed": Tag("confirmed", "ok"),
    "rejected": Tag("rejected", "danger"),
    "withdrawn": Tag("withdrawn"),
}


def month_name(month: date) -> str:
    """March 2026."""
    return f"{month:%B %Y}"


def figures(items: Items, key: str) -> Mapping[str, Any]:
    """The figures of one condition."""
    return next((item["figures"] for item in items if item["key"] == key), {})


def _money(amounts: Mapping[str, Any], places: int = 2) -> str:
    """Amounts by currency, each with its own: currencies are never added."""
    return ", ".join(f"{plain(Decimal(text), places)} {name}" for name, text in amounts.items()) or DASH


def _shares(shares: Mapping[str, Any]) -> str:
    known = [percent(Decimal(text)) for text in shares.values() if text is not None]
    return ", ".join(known) or DASH


def months_table(months: Sequence[tuple[Period, Items]], late: Mapping[date, LateFacts]) -> Table:
    """One line a month, newest first."""
    return Table(
        title="Months",
        caption="Effective cost, each currency by itself; of closed months as they were closed",
        columns=[
            Column("Month"), Column("State"), Column("Cost", True), Column("Bills: difference", True),
            Column("Device coverage", True), Column("Unallocated", True),
        ],
        rows=[_month(period, items, late.get(period.month)) for period, items in months],
        note=counted(len(months), "month"),
    )  # fmt: skip


def _month(period: Period, items: Items, late: LateFacts | None) -> Row:
    waiting = period.waiting
    under = f"{waiting.deed} asked for by {waiting.requested_by}" if waiting else ""
    if period.dropped_at:
        under = "rows dropped" + (f"; facts of {_hours(late)} came later" if late else "")
    bills, unallocated = figures(items, "bills"), figures(items, "unallocated")
    coverage = figures(items, "feeds").get("coverage")
    return Row(
        [
            Cell(month_name(period.month), reverse("period", args=[f"{period.month:%Y-%m}"])),
            Cell(tag=STATES[period.state], under=under),
            Cell(_money(unallocated.get("cost", {}))),
            Cell(_difference(bills), under=counted(bills.get("bills", 0), "bill")),
            Cell(known_share(Decimal(coverage)) if coverage else DASH),
            Cell(
                _shares(unallocated.get("share", {})),
                under=f"target {percent(Decimal(unallocated['target']))}",
            )
            if unallocated
            else Cell(DASH),
        ]
    )


def _difference(bills: Mapping[str, Any]) -> str:
    amounts = {name: text for name, text in bills.get("difference", {}).items() if Decimal(text)}
    return _money(amounts, 9) if amounts else "0" if bills.get("bills") else DASH


def checklist_table(items: Items, zone: tzinfo, month: date | None = None) -> Table:
    """Every condition with its figures, and why it fails; with a `month` each leads to its evidence."""
    return Table(
        title="Checklist",
        caption="What has to hold before a month is closed",
        columns=[Column("Condition"), Column("Holds"), Column("Figures")],
        rows=[
            Row(
                [
                    Cell(CONDITIONS[item["key"]], _evidence(item["key"], month) if month else ""),
                    Cell(tag=Tag("yes", "ok") if item["passed"] else Tag("no", "danger")),
                    Cell(in_words(_said(item["key"], item["figures"]), zone)),
                ],
                below=in_words(item["why"], zone),
            )
            for item in items
        ],
    )


def _evidence(key: str, month: date) -> str:
    """The page that shows what a condition is about, of the days of the month; "" for the calendar."""
    if key not in EVIDENCE:
        return ""
    name, more = EVIDENCE[key]
    days = {"from": month.isoformat(), "to": (next_month(month) - DAY).isoformat()}
    return f"{reverse(name)}?{urlencode({**days, **more})}"


def _said(key: str, found: Mapping[str, Any]) -> str:
    if key == "over":
        return f"ends {moment(datetime.fromisoformat(found['end']), reporting_zone())}"
    if key == "windows":
        return f"{counted(found['windows'], 'window')}, {plain(found['waiting'])} waiting"
    if key == "feeds":
        return f"{counted(found['incomplete_hours'], 'hour')} incomplete"
    if key == "bills":
        # The sum of what each bill differs by, without signs: two differences never cancel each other.
        word = "difference" if _difference(found) in ("0", DASH) else "off by"
        return f"{counted(found['bills'], 'bill')}, {word} {_difference(found)}"
    if key == "overdue":
        return f"{counted(found['expected'], 'monthly bill')} expected, {len(found['missing'])} missing"
    target = f"target {percent(Decimal(found['target']))}"
    return (
        f"{_shares(found['share'])} ({_money(found['amount'])}), {target}"
        if found["share"]
        else (f"no cost yet, {target}")
    )


def steps_table(steps: Sequence[Step], zone: tzinfo) -> Table:
    """Who asked for what and who decided, newest first."""
    return Table(
        title="Steps",
        caption="Asked for by one person, agreed to by others",
        columns=[
            Column("Step"),
            Column("Asked for by"),
            Column("Outcome"),
            Column("Decided by"),
            Column("Words"),
        ],
        rows=[
            Row(
                [
                    Cell(
                        "Close" if step.deed == Deed.CLOSE else "Reopen",
                        reverse("change", args=[step.change_id]) if step.change_id else "",
                        under=f"change {step.change_id}" if step.change_id else "",
                    ),
                    Cell(step.requested_by, under=moment(step.requested_at, zone)),
                    Cell(tag=OUTCOMES[step.outcome]),
                    Cell(
                        step.decided_by or DASH,
                        under=moment(step.decided_at, zone) if step.decided_at else "",
                    ),
                    Cell(step.reason or DASH, under=step.decided_why),
                ]
            )
            for step in reversed(steps)
        ],
    )


def closings_table(period: Period, zone: tzinfo) -> Table:
    """Each closing with its hash, and the address that reads the month as it was closed then."""
    return Table(
        title="Closed versions",
        caption="Each can be read for ever; the hash is made again by manage.py verify_periods",
        columns=[Column("Closed"), Column("Content hash (SHA-256)")],
        rows=[
            Row(
                [
                    Cell(moment(step.decided_at, zone), as_closed(period, step)),
                    Cell((step.content_hash or b"").hex()),
                ]
            )
            for step in reversed(period.closings)
        ],
    )


def as_closed(period: Period, step: Step) -> str:
    """The explanation of the month's cost as of a closing."""
    given = {"figure": "cost", "from": period.month.isoformat(), "to": last_day(period).isoformat()}
    if step.as_of and step.seen:
        given |= {"as_of": step.as_of.isoformat().replace("+00:00", "Z"), "seen": step.seen}
    return f"{reverse('explain')}?{urlencode(given)}"


def last_day(period: Period) -> date:
    """The last local day of a month."""
    return next_month(period.month) - DAY


def late_words(came: LateFacts) -> str:
    """That facts came for dropped hours, and what to do."""
    return (
        f"Facts came for {_hours(came)} of this month after their rows were dropped. They are kept, and"
        " nothing of them is posted: what these hours said is in the export alone. What somebody has to bear"
        " can be imported as a charge of an open month."
    )


def _hours(came: LateFacts) -> str:
    return counted(came.hours, "hour")


def late_bills_table(came: LateFacts, zone: tzinfo) -> Table | None:
    """Bills that say something else of dropped hours than their rows did; None where there is none."""
    if not came.bills:
        return None
    return Table(
        title="Came after the rows were dropped",
        upright=True,
        caption="Of the dropped hours alone; each currency by itself; not posted to any month",
        columns=[
            Column("Bill"), Column("Imported"), Column("It says", True), Column("Told in time", True),
            Column("Not posted", True), Column("Currency"),
        ],
        rows=[
            Row(
                [
                    Cell(
                        f"{one.source} {one.export}".strip(),
                        under=f"billing period {one.period_start:%Y-%m}, version {one.version}",
                    ),
                    Cell(moment(one.imported_at, zone)), Cell(exact(one.says_nano)),
                    Cell(exact(one.told_nano)), Cell(exact(one.not_posted_nano)), Cell(one.currency),
                ]
            )
            for one in came.bills
        ],
    )  # fmt: skip


def adjustment_sums_table(sums: Sequence[AdjustmentSum], zone: tzinfo) -> Table:
    """What corrects which month, by kind and use; what was moved among tenants may sum to zero."""
    return Table(
        title="Adjustments",
        upright=True,
        caption="Signed; posted to an open month for a closed one; each currency by itself",
        columns=[
            Column("Corrects"), Column("Posted to"), Column("Kind"), Column("Use"), Column("Hours", True),
            Column("Amount", True), Column("Currency"), Column("Last posted"), Column("By"),
        ],
        rows=[
            Row(
                [
                    Cell(month_name(one.corrected)), Cell(month_name(one.posted)), Cell(KINDS[one.kind]),
                    Cell(USES[one.use]), Cell(plain(one.hours)), Cell(exact(one.amount_nano)),
                    Cell(one.currency), Cell(moment(one.posted_at, zone)), _by_whom(one.change_id),
                ]
            )
            for one in sums
        ],
    )  # fmt: skip


def adjustments_table(rows: Sequence[Adjustment], zone: tzinfo, largest: int) -> Table:
    """The `largest` adjustments, each with the hour and version that it corrects; a row more says so."""
    names = Names()
    shown = rows[:largest]
    return Table(
        title="Largest adjustments of this month",
        upright=True,
        caption="Each with the hour and version that it corrects",
        columns=[
            Column("Corrected hour"), Column("Pool"), Column("Use"), Column("Tenant"), Column("Service"),
            Column("Amount", True), Column("Currency"), Column("By"),
        ],
        rows=[
            Row(
                [
                    Cell(moment(row.hour, zone), _hour(row), under=f"version {row.version}"),
                    Cell(names.pool.get(row.pool_id) or names.cluster.get(row.cluster_id) or "no pool"),
                    Cell(USES[row.use], under=KINDS[row.kind]),
                    Cell(names.tenant.get(row.tenant_id, "No tenant")),
                    Cell(names.service.get(row.service_id, "No service")),
                    Cell(exact(row.amount_nano)),
                    Cell(row.currency),
                    _by_whom(row.change_id),
                ]
            )
            for row in shown
        ],
        note=f"the {largest} largest" if len(rows) > largest else f"{len(shown)} rows",
    )  # fmt: skip


def _by_whom(change_id: int | None) -> Cell:
    """People, by a change that says why; or late facts."""
    if change_id is None:
        return Cell("late facts")
    return Cell(f"change {change_id}", reverse("change", args=[change_id]))


def _hour(row: Adjustment) -> str:
    when = row.hour.isoformat().replace("+00:00", "Z")
    return f"{reverse('explain-hour')}?{urlencode({'cluster': row.cluster_id, 'hour': when})}"
