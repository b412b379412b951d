"""Months that changes close and open: what is frozen with the request, and what becomes of the month."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction

from attribution.domain.months import parse_month
from attribution.operations.periods.close import confirm_close, judged, may_close, request_close
from attribution.operations.periods.pieces import keep_pieces
from attribution.operations.periods.reopen import confirm_reopen, may_reopen, request_reopen
from attribution.operations.periods.steps import CannotStep, give_up
from attribution.queries.adjustments import adjustment_sums
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.period_content import content_hash, differences
from attribution.queries.periods import Period, PeriodState, period
from portal.approvals.domain.impact import moved
from portal.approvals.domain.kinds import MONTHS, Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.errors import CannotChange
from portal.audit.anchors import anchor
from portal.periods.operations import feeds

_NOT_TAKEN = frozenset({State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED, State.FAILED})


def evidence_of_month(kind: Kind, plan: Plan, now: datetime) -> dict[str, Any] | None:
    """The part `month` of the evidence; None for a change of no month. Raises CannotChange.

    The checklist as it stands, what the month costs by tenant, and the hash of its content: that of the
    closing if nothing comes meanwhile. Of a reopening: what its adjustments say, which would be taken back.
    """
    if kind not in MONTHS:
        return None
    stands = _stands(kind, plan, now)
    if kind is Kind.PERIOD_CLOSE:
        keep_pieces(month_of(plan))
        stands["content_hash"] = content_hash(month_of(plan), from_rows=False).hex()
    return stands


def ask_for_month(change: ChangeRequest, plan: Plan, name: str, why: str, now: datetime) -> None:
    """In the caller's transaction: the month is in review for this change. Raises CannotChange."""
    if change.kind not in MONTHS:
        return
    month = month_of(plan)
    waiting = period(month).waiting
    if waiting and waiting.change_id == change.pk:
        return
    with _in_words():
        if change.kind == Kind.PERIOD_CLOSE:
            request_close(
                month=month,
                change_id=change.pk,
                by=name,
                now=now,
                feeds=feeds(month),
                explanation=plan.explanation,
            )
        else:
            request_reopen(month=month, change_id=change.pk, by=name, reason=why, now=now)
    transaction.on_commit(anchor, robust=True)


def carry_out_month(change: ChangeRequest, plan: Plan, names: str, now: datetime) -> str:
    """In the caller's transaction: the month is closed, or open again. Raises CannotChange."""
    month = month_of(plan)
    with _in_words():
        if change.kind == Kind.PERIOD_CLOSE:
            done = confirm_close(month=month, change_id=change.pk, by=names, now=now, feeds=feeds(month))
            digest = done.closings[-1].content_hash or b""
            said = f"{plan.period} is closed, its content has the hash {digest.hex()}"
        else:
            confirm_reopen(month=month, change_id=change.pk, by=names, now=now)
            said = f"{plan.period} is open again"
    transaction.on_commit(anchor, robust=True)
    return said


def put_back(change: ChangeRequest, plan: Mapping[str, Any], name: str, words: str, now: datetime) -> None:
    """A change of a month that goes no further leaves the month as it was before it was asked for."""
    if change.kind not in MONTHS or change.state not in _NOT_TAKEN:
        return
    rejected = change.state == State.REJECTED
    why = words if rejected else ": ".join(filter(None, (State(change.state).label, words)))
    outcome = "rejected" if rejected else "withdrawn"
    month = parse_month(str(plan.get("period", "")))
    give_up(month=month, change_id=change.pk, outcome=outcome, by=name, why=why, now=now)
    transaction.on_commit(anchor, robust=True)


def month_moved(kind: Kind, before: dict[str, Any], plan: Plan, now: datetime, limit: int) -> list[str]:
    """What of a month is another one than when its evidence was frozen, in sentences.

    Raises CannotChange where nothing is left to decide: a condition fails now.
    """
    after = _stands(kind, plan, now)
    if kind is Kind.PERIOD_REOPEN and before["closing"] != after["closing"]:
        return [f"{plan.period} was closed another time meanwhile"]
    return (
        [] if _alike(before["totals"], after["totals"], limit) else [f"the cost of {plan.period} has moved"]
    )


def look_at_month(change: ChangeRequest, plan: Plan) -> tuple[bool | None, str]:
    """Whether the month stands as the change left it, its hash made again."""
    found = period(month_of(plan))
    step = next((one for one in reversed(found.steps) if one.outcome == "confirmed"), None)
    if step is None or step.change_id != change.pk:
        return False, f"{plan.period} is {found.state.value.replace('_', ' ')}, by another step"
    if found.state is not PeriodState.CLOSED:
        return True, f"{plan.period} is open"
    wrong = differences(found)
    return not wrong, str(wrong[0]) if wrong else f"{plan.period} is closed and says what was closed"


def month_of(plan: Plan) -> date:
    """The month of a plan that was judged already."""
    return parse_month(plan.period)


def _stands(kind: Kind, plan: Plan, now: datetime) -> dict[str, Any]:
    month = month_of(plan)
    found = period(month)
    with _in_words():
        if kind is Kind.PERIOD_REOPEN:
            more = _of_closed(may_reopen(month))
        else:
            check = may_close if found.state is PeriodState.OPEN else judged
            items = check(month, now=now, feeds=feeds(month), explanation=plan.explanation)
            more = {"checklist": [item._asdict() for item in items]}
    return {"month": plan.period, "totals": _totals(found), **more}


def _of_closed(found: Period) -> dict[str, Any]:
    closing = found.closings[-1]
    sums = [one for one in adjustment_sums(found.month) if one.corrected == found.month]
    return {
        "closing": closing.id,
        "content_hash": (closing.content_hash or b"").hex(),
        "adjustments": [
            {
                "posted_to": f"{one.posted:%Y-%m}",
                "use": one.use,
                "currency": one.currency,
                "nano": one.amount_nano,
            }
            for one in sums
        ],
    }


def _totals(found: Period) -> list[dict[str, Any]]:
    rows = costs_by(found.start, found.end, (CostDimension.TENANT,)).rows
    return [{"tenant": row.group[0], "currency": row.currency, "nano": row.amount_nano} for row in rows]


def _alike(before: list[dict[str, Any]], after: list[dict[str, Any]], limit: int) -> bool:
    """Whether no more changes hands, in each currency, than so many parts of a thousand of the cost."""
    for currency in {row["currency"] for row in [*before, *after]}:
        was, now = (
            {row["tenant"]: row["nano"] for row in rows if row["currency"] == currency}
            for rows in (before, after)
        )
        if None in was.values() or None in now.values():
            return was == now
        difference = Counter(now)
        difference.subtract(was)
        hands = moved(list(difference.values())) or 0
        if hands * 1000 > limit * abs(sum(was.values())):
            return False
    return True


@contextmanager
def _in_words() -> Iterator[None]:
    """What a month refuses is what its change refuses."""
    try:
        yield
    except CannotStep as refusal:
        raise CannotChange(str(refusal)) from None
