"""Adjustments by hand: money of a closed month that goes from one bearer to another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attribution.domain.money import from_nano, to_nano
from attribution.domain.months import parse_month
from attribution.operations.periods.correct import Bearer, Correction, cells_of, correct
from attribution.operations.periods.steps import CannotStep
from attribution.queries.adjustments import posted_by
from attribution.queries.names import names_of
from portal.approvals.domain.plan import Plan
from portal.approvals.operations.errors import CannotChange
from portal.components.formats import counted
from portal.costs.parts import USES

METHOD = "moved once, in the first open month after it"


def correction_of(plan: Plan) -> Correction:
    """What the plan moves, with ids for names. Raises CannotChange with every name that nothing has."""
    adjustment, wrong = plan.adjustment, list[str]()
    if plan.adjusted is None:
        raise CannotChange("an adjustment says how much it moves, and from whom to whom")

    def known(noun: str, name: str) -> int:
        found = [pk for pk, text in names_of(noun).items() if text == name]
        if len(found) != 1:
            wrong.append(f"{noun}: {'more than one is' if found else 'nothing is'} called {name!r}")
        return found[0] if found else 0

    def bearer(side: Mapping[str, str]) -> Bearer:
        if side["use"] not in USES or side["use"] == "adjustment":
            wrong.append(
                f"use: {side['use']!r} is none of {', '.join(use for use in USES if use != 'adjustment')}"
            )
        return Bearer(known("tenant", side["tenant"]) if side["tenant"] else 0, side["use"])

    found = Correction(
        month=parse_month(plan.period),
        cluster_id=known("cluster", str(adjustment["cluster"])),
        currency=str(adjustment["currency"]),
        amount_nano=to_nano(plan.adjusted),
        giver=bearer(adjustment["from"]),
        taker=bearer(adjustment["to"]),
        service_id=known("service", str(adjustment["service"])) if adjustment.get("service") else 0,
    )
    if wrong:
        raise CannotChange("\n".join(wrong))
    return found


def correction_difference(plan: Plan) -> list[dict[str, str]]:
    """What each side bears less and more, as rows of the difference. Raises CannotChange."""
    if not plan.adjustment:
        return []
    correction = correction_of(plan)
    try:
        cells = cells_of(correction)
    except CannotStep as refusal:
        raise CannotChange(str(refusal)) from None
    hours = len({cell.hour for cell in cells})
    there = format(from_nano(sum(cell.amount_nano for cell in cells)), "f")
    amount, currency = format(from_nano(correction.amount_nano), "f"), correction.currency
    where = f"{plan.adjustment['cluster']}, {plan.period}"
    of = f" of {there} {currency}, in {counted(hours, 'hour')}"
    return [
        {
            "verb": "change",
            "title": f"{_name(plan, 'from')}, {where}",
            "details": f"−{amount} {currency}{of}",
        },
        {"verb": "change", "title": f"{_name(plan, 'to')}, {where}", "details": f"+{amount} {currency}"},
    ]


def borne_by_giver(plan: Plan) -> int:
    """Nano-units that are there to be moved. Raises CannotChange where they are fewer than would be."""
    try:
        return sum(cell.amount_nano for cell in cells_of(correction_of(plan)))
    except CannotStep as refusal:
        raise CannotChange(str(refusal)) from None


def correction_impact(plan: Plan) -> dict[str, Any]:
    """The part `impact` of the evidence: exact, and once instead of every month."""
    correction = correction_of(plan)
    amount = correction.amount_nano
    sides = [(plan.adjustment["from"]["tenant"], -amount), (plan.adjustment["to"]["tenant"], amount)]
    sums: dict[str, int] = {}
    for name, nano in sides:
        sums[name] = sums.get(name, 0) + nano
    return {
        "known": True, "why": "", "once": True, "currency": correction.currency, "method": METHOD,
        "low": 0, "middle": 0, "high": 0, "moved": amount, "weeks": [], "inputs_hash": None,
        "rows_hash": None, "assumptions": [],
        "by_tenant": [
            {"tenant": name or None, "low": nano, "middle": nano, "high": nano}
            for name, nano in sums.items() if nano
        ],
    }  # fmt: skip


def carry_out_correction(plan: Plan, change_id: int, now: datetime) -> str:
    """In the caller's transaction: the adjustment is posted. Raises CannotChange."""
    try:
        rows = correct(correction_of(plan), change_id=change_id, now=now)
    except CannotStep as refusal:
        raise CannotChange(str(refusal)) from None
    return f"{rows} adjustments posted, which sum to nothing"


def posted_of(change_id: int) -> tuple[bool | None, str]:
    """Whether the ledger has what was posted; None while its hour waits to be attributed."""
    rows, waiting = posted_by(change_id)
    if waiting:
        return None, "its hour waits to be attributed"
    return rows > 0, f"{rows} adjustments are in the ledger"


def _name(plan: Plan, side: str) -> str:
    bearer = plan.adjustment[side]
    return f"{bearer['tenant'] or 'The platform'}, {USES[bearer['use']].lower()}"
