"""A month's conditions, with what the feeds say of it: for pages, the command line and whoever approves."""

from datetime import date, datetime

from attribution.queries.period_checklist import CheckItem, Feeds, checklist
from attribution.queries.periods import period
from ingest.queries.unread import unread_hours

__all__ = ["checks", "feeds"]


def feeds(month: date) -> Feeds:
    """What the front door says of a month's hours."""
    found = period(month)
    return Feeds(*unread_hours(found.start, found.end))


def checks(month: date, *, now: datetime) -> list[CheckItem]:
    """The conditions of closing a month, as they stand."""
    waiting = period(month).waiting
    return checklist(month, now=now, feeds=feeds(month), explanation=waiting.reason if waiting else "")
