"""Nobody but the chain writes the log."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.audit.operations import record
from tests.portal.audit.support import chain_now, events, newest

pytestmark = pytest.mark.django_db
INSERT = """INSERT INTO audit_event SELECT number + 1, previous_hash, hash, recorded_at, transaction_at,
              transaction_id, actor, via, request_id, database_role, kind, object, object_id, before,
              after, detail
              FROM audit_event ORDER BY number DESC LIMIT 1"""
FORBIDDEN = (
    ("audit_event", "UPDATE audit_event SET actor = 'user:somebody'"),
    ("audit_event", "DELETE FROM audit_event"),
    ("audit_event", "TRUNCATE audit_event"),
    ("audit_event", INSERT),
    ("audit_head", "UPDATE audit_head SET number = number - 1"),
    ("audit_head", "DELETE FROM audit_head"),
    ("audit_head", "TRUNCATE audit_head"),
    ("audit_pending", "UPDATE audit_pending SET actor = 'user:somebody'"),
    ("audit_pending", "DELETE FROM audit_pending"),
    ("audit_pending", "TRUNCATE audit_pending"),
    ("audit_turn", "DELETE FROM audit_turn"),
    ("audit_turn", "INSERT INTO audit_turn VALUES (pg_current_xact_id())"),
    ("audit_check", "UPDATE audit_check SET fault = ''"),
    ("audit_check", "DELETE FROM audit_check"),
)


@contextmanager
def broken(table: str) -> Iterator[None]:
    """The guard of a table, switched off by its owner."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def attempt(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(("table", "statement"), FORBIDDEN)
def test_the_log_is_written_by_its_own_functions_only(table: str, statement: str) -> None:
    record("login", detail={"name": "lena"})
    start = newest()
    with pytest.raises(IntegrityError, match="the audit trail is append-only"):
        attempt(statement)
    assert newest() == start
    # The sabotage twin: without the guard it would have gone through.
    with broken(table):
        attempt(statement)


@pytest.mark.parametrize("sabotage", ["", "ALTER FUNCTION audit_{}{} SET search_path = public"])
@pytest.mark.parametrize(
    ("table", "function", "arguments"),
    [
        ("audit_pending", "record", "(text, text, text, jsonb, jsonb, jsonb)"),
        ("audit_turn", "queue", "()"),
    ],
)
def test_a_sessions_own_table_takes_no_event_from_the_log(
    table: str, function: str, arguments: str, sabotage: str
) -> None:
    start = newest()
    with connection.cursor() as cursor:
        cursor.execute(sabotage.format(function, arguments) or "SELECT 1")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute("INSERT INTO person (name) VALUES ('nobody')")
        chain_now()
        cursor.execute(f"DROP TABLE pg_temp.{table}")
        cursor.execute("SELECT count(*) FROM audit_event WHERE number > %s AND object = 'person'", [start])
        assert cursor.fetchone()[0] == (0 if sabotage else 1)


def test_each_event_holds_the_hash_of_the_one_before() -> None:
    start = newest()
    for name in ("lena", "frida", "pavel"):
        record("login", detail={"name": name})
    events()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_content(e), previous_hash, hash FROM audit_event e WHERE number >= %s "
            "ORDER BY number",
            [start],
        )
        rows: list[Any] = cursor.fetchall()
        cursor.execute("SELECT number, hash FROM audit_head")
        number, head = cursor.fetchone()
    assert number == start + 3
    assert len(rows) == 4
    for (content, _, own), before in zip(rows[1:], rows, strict=False):
        assert bytes(before[2]) in bytes(content)
        assert hashlib.sha256(content).digest() == bytes(own)
    assert [bytes(row[1]) for row in rows[1:]] == [bytes(row[2]) for row in rows[:-1]]
    assert bytes(head) == bytes(rows[-1][2])


def test_what_strangers_write_is_kept_as_it_is_or_as_near_as_possible() -> None:
    start = newest()
    record("refused", object="a\0b", detail={"x": "\ud800", "long": "y" * 9999, "list": [{"z\0": None}]})
    (event,) = events(start)
    assert event.object == "a\N{REPLACEMENT CHARACTER}b"
    assert (event.detail["x"], len(event.detail["long"])) == ("?", 2000)
