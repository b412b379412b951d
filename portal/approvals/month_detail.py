"""The month of a change: what was frozen of it, and what was closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from attribution.domain.months import parse_month
from attribution.queries.periods import period
from portal.approvals.models import ChangeRequest
from portal.components.table import Cell, Column, Row, Table
from portal.components.zone import reporting_zone
from portal.costs.parts import USES
from portal.periods.domain import checklist_table, month_name
from portal.reconciliation.domain import exact


@dataclass(frozen=True)
class MonthShown:
    """`asked_hash` is of the content when it was asked for, `closed_hash` when it was closed, else ""."""

    name: str
    href: str
    checklist: Table | None
    totals: Table | None
    adjustments: Table | None
    asked_hash: str
    closed_hash: str


def month_shown(change: ChangeRequest, evidence: Mapping[str, Any]) -> MonthShown | None:
    """None where the change is about no month, or was never submitted."""
    frozen = evidence.get("month")
    if not frozen:
        return None
    month = parse_month(frozen["month"])
    closed = [step.content_hash for step in period(month).closings if step.change_id == change.pk]
    checklist, adjustments = frozen.get("checklist"), frozen.get("adjustments")
    return MonthShown(
        name=month_name(month),
        href=reverse("period", args=[frozen["month"]]),
        checklist=checklist_table(checklist, reporting_zone()) if checklist else None,
        totals=_totals(frozen["totals"]) if frozen["totals"] else None,
        adjustments=_adjustments(adjustments) if adjustments else None,
        asked_hash=frozen["content_hash"],
        closed_hash=closed[-1].hex() if closed and closed[-1] else "",
    )


def _totals(rows: list[dict[str, Any]]) -> Table:
    sums: dict[str, int | None] = {}
    for row in rows:
        before = sums.get(row["currency"], 0)
        sums[row["currency"]] = None if before is None or row["nano"] is None else before + row["nano"]
    return Table(
        "What the month costs",
        "By who bears it, when it was asked for; each currency by itself",
        [Column("Tenant"), Column("Amount", True), Column("Currency")],
        [
            _amount(row["tenant"] or "No tenant: the platform bears it", row["nano"], row["currency"])
            for row in rows
        ],
        [_amount("All", nano, currency) for currency, nano in sorted(sums.items())],
    )


def _adjustments(rows: list[dict[str, Any]]) -> Table:
    return Table(
        "Adjustments that are taken back",
        "Posted to later months since it was closed; its hours say it themselves when attributed again",
        [Column("Posted to"), Column("Use"), Column("Amount", True), Column("Currency")],
        [
            Row([
                Cell(month_name(parse_month(row["posted_to"]))), Cell(USES[row["use"]]),
                Cell(exact(row["nano"])), Cell(row["currency"]),
            ])
            for row in rows
        ],
    )  # fmt: skip


def _amount(name: str, nano: int | None, currency: str) -> Row:
    return Row([Cell(name), Cell("–" if nano is None else exact(nano)), Cell(currency)])
