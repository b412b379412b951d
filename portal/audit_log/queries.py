"""Reads the log: events as they were asked for, and which words occur in it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

ROWS_AT_ONCE = 1_000
# Events that a search for a text looks through at once; there is no index of texts.
SEARCHED = 100_000


@dataclass(frozen=True)
class Wanted:
    """Which events: those that are None do not matter. Times are aware, `end` is exclusive.

    `actor` is a whole name, of a person also without "user:"; `text` occurs anywhere, in any case of letters.
    """

    start: datetime | None = None
    end: datetime | None = None
    actor: str | None = None
    kind: str | None = None
    object: str | None = None
    object_id: str | None = None
    request_id: str | None = None
    text: str | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Event:
    """One event. `before` and `after` are rows of a table by column, None where there was none."""

    number: int
    recorded_at: datetime
    actor: str
    via: str
    request_id: str
    database_role: str
    kind: str
    object: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    detail: dict[str, Any]
    previous_hash: str
    hash: str


def events(wanted: Wanted, limit: int) -> list[Event]:
    """At most so many events, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_statement("events"), asdict(wanted) | {"limit": limit})
        return [_event(row) for row in cursor.fetchall()]


def events_page(wanted: Wanted, limit: int) -> tuple[list[Event], int | None]:
    """At most so many events, the newest first, and the `before` of the next page; None behind the last one.

    A text is looked for in SEARCHED events at a time: such a page may be short, or empty, and not the last.
    """
    floor = _floor(wanted) if wanted.text else None
    found = events(replace(wanted, after=floor), limit + 1)
    if len(found) > limit:
        return found[:limit], found[limit - 1].number
    return found, None if floor is None else floor + 1


def all_events(wanted: Wanted) -> Iterator[Event]:
    """Every event that matches, the newest first, some at a time: what comes meanwhile is not among them."""
    following: int | None = wanted.before
    while True:
        found, following = events_page(replace(wanted, before=following), ROWS_AT_ONCE)
        yield from found
        if following is None:
            return


def _floor(wanted: Wanted) -> int | None:
    """The event before the oldest one that is looked through; None where that is all there are."""
    with connection.cursor() as cursor:
        cursor.execute(_statement("stretch"), asdict(wanted))
        first, last = cursor.fetchone()
    if first is None or last is None:
        return None
    floor = int(min(last, (wanted.before or last + 1) - 1)) - SEARCHED
    return floor if floor >= first else None


def event(number: int) -> Event | None:
    """One event by its number."""
    found = events(Wanted(before=number + 1), 1)
    return found[0] if found and found[0].number == number else None


def words() -> dict[str, list[str]]:
    """The kinds and the objects that occur, each in their order."""
    found: dict[str, list[str]] = {"kind": [], "object": []}
    with connection.cursor() as cursor:
        cursor.execute(_statement("words"))
        for name, word in cursor.fetchall():
            found[name].append(word)
    return found


def _event(row: Any) -> Event:
    parts = list(row)
    parts[9:12] = [None if text is None else json.loads(text) for text in parts[9:12]]
    parts[12:14] = [bytes(digest).hex() for digest in parts[12:14]]
    return Event(*parts)


@cache
def _statement(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text("utf-8")
