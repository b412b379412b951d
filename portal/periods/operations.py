"""Steps of a month, with what the feeds say of it: for the page, the command line and whoever approves."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from attribution.operations.periods import close, reopen
from attribution.operations.periods.steps import CannotStep
from attribution.queries.period_checklist import CheckItem, Feeds, checklist
from attribution.queries.periods import Period, period
from ingest.queries.unread import unread_hours
from portal.audit.anchors import anchor

__all__ = ["CannotStep", "checks", "take"]


def feeds(month: date) -> Feeds:
    """What the front door says of a month's hours."""
    found = period(month)
    return Feeds(*unread_hours(found.start, found.end))


def checks(month: date, *, now: datetime) -> list[CheckItem]:
    """The conditions of closing a month, as they stand."""
    waiting = period(month).waiting
    return checklist(month, now=now, feeds=feeds(month), explanation=waiting.reason if waiting else "")


def take(deed: str, *, month: date, by: str, now: datetime, words: str = "") -> Period:
    """Take a step by its name. `words` are the reason or explanation. Raises CannotStep, KeyError."""
    with transaction.atomic():
        done = DEEDS[deed](month, by, now, words)
        transaction.on_commit(anchor)
    return done


DEEDS: dict[str, Callable[[date, str, datetime, str], Period]] = {
    "request-close": lambda month, by, now, words: close.request_close(
        month=month, by=by, now=now, feeds=feeds(month), explanation=words
    ),
    "confirm-close": lambda month, by, now, words: close.confirm_close(
        month=month, by=by, now=now, feeds=feeds(month)
    ),
    "reject-close": lambda month, by, now, words: close.reject_close(
        month=month, by=by, now=now, reason=words
    ),
    "withdraw-close": lambda month, by, now, words: close.withdraw_close(month=month, by=by, now=now),
    "request-reopen": lambda month, by, now, words: reopen.request_reopen(
        month=month, by=by, now=now, reason=words
    ),
    "confirm-reopen": lambda month, by, now, words: reopen.confirm_reopen(month=month, by=by, now=now),
    "reject-reopen": lambda month, by, now, words: reopen.reject_reopen(
        month=month, by=by, now=now, reason=words
    ),
}
