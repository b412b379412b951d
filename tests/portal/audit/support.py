"""A look at the log inside of a test."""

import json
from typing import Any, NamedTuple

from django.db import connection


class Event(NamedTuple):
    """What a test asks of an event."""

    number: int
    actor: str
    via: str
    kind: str
    object: str
    object_id: str
    before: Any
    after: Any
    detail: Any


def chain_now() -> None:
    """Do what a commit does: a test's transaction is rolled back before it would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def newest() -> int:
    """The number of the newest event, after all that was done so far."""
    chain_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM audit_head")
        return int(cursor.fetchone()[0])


def events(after: int = 0) -> list[Event]:
    """Events after a number, as a commit would have left them."""
    chain_now()
    with connection.cursor() as cursor:
        columns = ", ".join(Event._fields)
        cursor.execute(f"SELECT {columns} FROM audit_event WHERE number > %s ORDER BY number", [after])
        return [Event(*row[:6], *map(_json, row[6:])) for row in cursor.fetchall()]


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
