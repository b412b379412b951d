"""The audit trail: a million events verified beside reading them once, and what writing an event costs.

`python -m tests.bench.audit [events]`: fills a log in a database of its own with a valid chain.
"""

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction

from tests.bench.scratch import scratch_database

EVENTS = 1_000_000
# As the log's own functions would have written it, but all in one statement: the chain is a fold.
SEED = """
    DO $$ DECLARE e audit_event; h audit_head; BEGIN
        SELECT * INTO h FROM audit_head;
        FOR i IN 1..{events} LOOP
            e := ROW(h.number + 1, h.hash, ''::bytea, clock_timestamp(), now(), '4711',
                     'user:person-' || i %% 100, 'POST /rules/<int:pk>/', md5(i::text), 'apportion',
                     'row_changed', 'distribution_rule', (i %% 5000)::text,
                     jsonb_build_object('id', i, 'use', 'shared', 'method', 'weights', 'weights',
                                        '{{"chat": 3, "claims": 2}}'::jsonb, 'valid', '["2026-01-01",)'),
                     jsonb_build_object('id', i, 'use', 'shared', 'method', 'weights', 'weights',
                                        '{{"chat": 4, "claims": 2}}'::jsonb, 'valid', '["2026-01-01",)'),
                     '{{}}'::jsonb);
            e.hash := sha256(audit_content(e));
            INSERT INTO audit_event SELECT e.*;
            h.number := e.number;
            h.hash := e.hash;
        END LOOP;
        UPDATE audit_head SET number = h.number, hash = h.hash;
    END $$"""
READ = "COPY (SELECT * FROM audit_event ORDER BY number) TO STDOUT (FORMAT binary)"


def main() -> int:
    """Print each figure beside its floor."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with scratch_database(), TemporaryDirectory() as folder:
        from django.conf import settings

        settings.AUDIT_ANCHORS = [Path(folder) / "anchors.jsonl"]
        seed(events)
        verifying(events)
        writing()
        applying()
    return 0


def verifying(events: int) -> None:
    """The whole chain, beside the same rows read once and thrown away."""
    from portal.audit.verify import verify

    floor = min(seconds(read) for _ in range(3))
    found = [verify() for _ in range(3)]
    assert not any(each.fault for each in found), found[0].fault
    took = min(each.seconds for each in found)
    print(
        f"{events:,} events: read once by COPY {floor:.2f} s, verified {took:.2f} s, ratio {took / floor:.2f}"
    )


def writing() -> None:
    """Transactions with one event beside transactions with one row of a table without a trigger."""
    from portal.audit.operations import record

    count = 500
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY, words text)")

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO plain (words) VALUES ('a login')")

    floor = seconds(lambda: [insert() for _ in range(count)])
    took = seconds(lambda: [record("login", detail={"name": "lena"}) for _ in range(count)])
    print(
        f"one event a transaction: {count / took:,.0f} a second, one plain row {count / floor:,.0f}, "
        f"ratio {took / floor:.2f}"
    )

    def many() -> None:
        with transaction.atomic():
            for _ in range(count):
                record("login", detail={"name": "lena"})

    print(f"{count} events in one transaction: {count / seconds(many):,.0f} a second")


def applying() -> None:
    """`apply` of the demo's fleet, with the triggers and without them."""
    from portal.audit.watched import WATCHED
    from portal.audit.watching import watch_tables

    taken = {}
    for name in ("watched", "not watched", "watched", "not watched"):
        with transaction.atomic(), connection.cursor() as cursor:
            if name == "not watched":
                for table in WATCHED:
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_row")
            cursor.execute("SELECT number FROM audit_head")
            (before,) = cursor.fetchone()
            taken[name] = seconds(apply)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT number FROM audit_head")
            number = cursor.fetchone()[0] - before
            if number:
                events = number
            transaction.set_rollback(True)
    watch_tables()
    ratio = taken["watched"] / taken["not watched"]
    print(
        f"apply of the demo's fleet: {taken['watched']:.2f} s with its {events:,} events, "
        f"{taken['not watched']:.2f} s without, ratio {ratio:.2f}"
    )


def apply() -> None:
    """A company's fleet.toml."""
    from django.core.management import call_command

    from portal.demo.generate import write_fleet
    from portal.demo.world import world

    with TemporaryDirectory() as folder:
        call_command("apply", str(write_fleet(Path(folder), world())), stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def seed(events: int) -> None:
    """A valid log of so many events."""
    with connection.cursor() as cursor:
        for table in ("audit_event", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(SEED.format(events=events).replace("%%", "%"))
        for table in ("audit_event", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE audit_event")


def read() -> None:
    """Every row, thrown away."""
    with connection.cursor() as cursor, cursor.copy(READ) as copy:
        for _ in copy:
            pass


def seconds(deed: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
