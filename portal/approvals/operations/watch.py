"""What waits for a decision is looked at while it waits: nobody should first learn of it by deciding."""

from datetime import datetime, timedelta

from django.db import transaction

from portal.approvals.domain.kinds import MONTHS, PLACED, VERSIONED, Kind
from portal.approvals.domain.states import State
from portal.approvals.models import ChangeEvent, ChangeRequest
from portal.approvals.operations.drift import month_refusal, refresh_drifted, rules_moved
from portal.approvals.operations.step import locked, step
from portal.approvals.operations.tell import tell_of
from portal.approvals.operations.who import PRODUCT
from portal.approvals.queries.told import told_of

# What takes seconds, such as the impact of a rule, is looked at when somebody decides.
WATCHED = MONTHS | PLACED | VERSIONED | {Kind.ADJUSTMENT}
NOTICED, HOLDS = "noticed", "holds again"
_TIME = timedelta(minutes=30)  # what is attributed, or read, late often holds again by the next look


def watch(change: ChangeRequest, now: datetime) -> str:
    """Say that a month's condition fails, and take its change back when it still does; void what has drifted.

    Returns what was done, "" for nothing.
    """
    if change.kind not in WATCHED or change.state != State.SUBMITTED:
        return ""
    if change.kind in PLACED | VERSIONED and not rules_moved(change, now):
        return ""
    last = change.history.filter(verb__in=(NOTICED, HOLDS, "submitted", "approvals void")).latest("number")
    why = month_refusal(change, now) if change.kind in MONTHS else ""
    if why and last.verb != NOTICED:
        return _say(change, NOTICED, f"{why}; taken back if that is still so in an hour", now)
    if why and now - last.at < _TIME:
        return ""
    if not why and last.verb == NOTICED:
        return _say(change, HOLDS, "its conditions hold", now)
    return "void" if refresh_drifted(change.pk, now=now) else ""


def notice_of(events: list[ChangeEvent]) -> str:
    """What was noticed of a change and still stands, "" where nothing does."""
    said = [event for event in events if event.verb in (NOTICED, HOLDS)]
    return said[-1].words if said and said[-1].verb == NOTICED else ""


def _say(change: ChangeRequest, verb: str, words: str, now: datetime) -> str:
    with transaction.atomic():
        change = locked(change.pk)
        if change.state != State.SUBMITTED:
            return ""
        step(change, State.SUBMITTED, verb=verb, who=PRODUCT, now=now, words=words)
        what = "cannot be carried out as things are" if verb == NOTICED else "can be carried out again"
        tell_of(change, what, now, [change.requester, *told_of(change, now)])
    return verb
