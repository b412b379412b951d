"""Whatever is done to the log behind its back is found: 500 mutations of 500."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from portal.audit.anchors import AnchorError, anchor, read
from portal.audit.operations import record
from portal.audit.verify import verify
from tests.portal.audit.support import chain_now, newest

pytestmark = pytest.mark.django_db
EVENTS, ANCHORED, MUTATIONS, SEED = 120, 90, 500, 20_260_724
FAR = 10**9
TABLES = ("audit_event", "audit_head")
TEXTS = ("actor", "via", "request_id", "database_role", "object", "object_id", "transaction_id")
FACTS = (*TEXTS, "kind", "recorded_at", "transaction_at", "detail", "before", "after")
# What a rewriter of history does last: the chain again from an event on, and the head to match.
REWRITE = """
    DO $$ DECLARE e audit_event; last bytea; BEGIN
        SELECT coalesce((SELECT hash FROM audit_event WHERE number < {first} ORDER BY number DESC LIMIT 1),
                        genesis) INTO last FROM audit_head;
        FOR e IN SELECT * FROM audit_event WHERE number >= {first} ORDER BY number LOOP
            e.previous_hash := last;
            last := sha256(audit_content(e));
            UPDATE audit_event SET previous_hash = e.previous_hash, hash = last WHERE number = e.number;
        END LOOP;
        UPDATE audit_head SET hash = last, number = (SELECT max(number) FROM audit_event);
    END $$"""


@pytest.fixture
def places(settings: Any, tmp_path: Path) -> list[Path]:
    settings.AUDIT_ANCHORS = [tmp_path / "ours" / "anchors.jsonl", tmp_path / "copy" / "anchors.jsonl"]
    return list(settings.AUDIT_ANCHORS)


@pytest.fixture
def log(places: list[Path]) -> int:
    """A log of EVENTS events and more, anchored at ANCHORED; returns the number of the anchored event."""
    start = newest()
    anchored = 0
    for count in range(EVENTS):
        if count == ANCHORED:
            chain_now()
            written = anchor()
            assert written is not None
            anchored = written.number
        record(
            "login", object="accounts_user", object_id=count, detail={"name": f"person {count}", "n": count}
        )
    assert newest() == start + EVENTS + 1
    assert verify().fault == ""
    return anchored


@contextmanager
def superuser() -> Iterator[Any]:
    """All guards off, and everything taken back at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        transaction.set_rollback(True)


def shift(cursor: Any, which: str, by: int) -> None:
    """Move numbers in two steps, because each is there once only."""
    cursor.execute(f"UPDATE audit_event SET number = number + {FAR} WHERE {which}")
    cursor.execute(f"UPDATE audit_event SET number = number - {FAR} + {by} WHERE number > {FAR}")


def edit(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    return edit_one_of((*FACTS, "hash", "previous_hash"), cursor, dice, last)


def edit_facts(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    """All but the hashes: to compute those anew would undo it."""
    return edit_one_of(FACTS, cursor, dice, last)


def edit_one_of(columns: Sequence[str], cursor: Any, dice: random.Random, last: int) -> str:
    number, what = dice.randint(1, last), dice.choice(columns)
    value = {
        "kind": "'x' || kind",
        "recorded_at": "recorded_at + interval '1 microsecond'",
        "transaction_at": "transaction_at - interval '1 microsecond'",
        "detail": """detail || '{"n": -1}'""",
        "before": """coalesce(before, '{}') || '{"n": -1}'""",
        "after": """coalesce(after, '{}') || '{"n": -1}'""",
        "hash": "sha256(hash)",
        "previous_hash": "sha256(previous_hash)",
    }.get(what, f"{what} || ' '")
    cursor.execute(f"UPDATE audit_event SET {what} = {value} WHERE number = {number}")
    return f"edit {what} of {number}"


def delete(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    number = dice.randint(1, last)
    cursor.execute(f"DELETE FROM audit_event WHERE number = {number}")
    return f"delete {number}"


def close_the_gap(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    """Delete, and number the rest anew."""
    number = dice.randint(1, last)
    cursor.execute(f"DELETE FROM audit_event WHERE number = {number}")
    shift(cursor, f"number > {number}", -1)
    cursor.execute("UPDATE audit_head SET number = number - 1")
    return f"delete {number} and close the gap"


def insert(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    """A forged event in the middle or at the end, with the rest moved up."""
    number = dice.randint(1, last + 1)
    shift(cursor, f"number >= {number}", 1)
    columns = ", ".join(["previous_hash", "hash", "recorded_at", "transaction_at", *TEXTS, "kind", "detail"])
    cursor.execute(
        f"""INSERT INTO audit_event (number, {columns}) SELECT {number}, {columns} FROM audit_event
             WHERE number = {dice.choice([each for each in range(1, last + 1) if each != number])}"""
    )
    if dice.random() < 0.5:
        cursor.execute("UPDATE audit_head SET number = number + 1")
    return f"insert {number}"


def swap(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    one, two = dice.sample(range(1, last + 1), 2)
    cursor.execute(f"UPDATE audit_event SET number = number + {FAR} WHERE number IN ({one}, {two})")
    cursor.execute(f"UPDATE audit_event SET number = {one} + {two} + {FAR} - number WHERE number > {FAR}")
    return f"swap {one} and {two}"


def cut(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    number = dice.randint(0, last - 1)
    cursor.execute(f"DELETE FROM audit_event WHERE number > {number}")
    return f"cut after {number}"


def cut_with_the_head(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    """Up to the newest anchor this is found by the anchor alone."""
    number = dice.randint(1, anchored - 1)
    cursor.execute(f"DELETE FROM audit_event WHERE number > {number}")
    cursor.execute(REWRITE.format(first=number))
    return f"cut after {number}, and the head"


def rewrite(cursor: Any, dice: random.Random, last: int, anchored: int) -> str:
    """Edit, delete, insert or swap among what is anchored, then compute the whole chain anew."""
    before = max(2, anchored - 1)
    said = dice.choice([edit_facts, close_the_gap, swap])(cursor, dice, before, anchored)
    cursor.execute(REWRITE.format(first=1))
    return f"{said}, and the chain again"


KINDS: tuple[Callable[..., str], ...] = (
    edit,
    delete,
    close_the_gap,
    insert,
    swap,
    cut,
    cut_with_the_head,
    rewrite,
)


def test_every_mutation_is_found(log: int) -> None:
    dice, last = random.Random(SEED), newest()
    missed, counted = [], dict.fromkeys((kind.__name__ for kind in KINDS), 0)
    for _ in range(MUTATIONS):
        kind = dice.choice(KINDS)
        counted[kind.__name__] += 1
        with superuser() as cursor:
            said = kind(cursor, dice, last, log)
            chain_now()
            for table in TABLES:  # so that the fault is not merely that the guards are off
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            if not verify().fault:
                missed.append(said)
    assert missed == []
    assert sum(counted.values()) == MUTATIONS
    assert min(counted.values()) > 40
    assert verify().fault == ""


def fault(*statements: str) -> str:
    """What verify says after statements with all guards off."""
    with superuser() as cursor:
        for statement in statements:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return verify().fault


def test_the_first_fault_is_named_with_what_was_expected(log: int) -> None:
    last = newest()
    assert fault("UPDATE audit_event SET actor = 'x' WHERE number IN (7, 9)").startswith(
        "event 7 was changed: its content gives the hash"
    )
    assert (
        fault("DELETE FROM audit_event WHERE number = 7") == "event 7 is missing: event 8 stands in its place"
    )
    assert fault("UPDATE audit_event SET previous_hash = hash WHERE number = 7").startswith(
        "event 7 was changed"
    )
    assert fault(
        "UPDATE audit_event SET previous_hash = hash WHERE number = 7",
        "UPDATE audit_event e SET hash = sha256(audit_content(e)) WHERE number = 7",
    ).startswith("event 7 does not follow event 6: it should hold the hash")
    assert fault(f"DELETE FROM audit_event WHERE number = {last}") == (
        f"the log ends at event {last - 1}, its head says {last}: the tail was cut"
    )
    assert fault("UPDATE audit_head SET number = 3").startswith("the head says event 3 with")
    cut = fault(f"DELETE FROM audit_event WHERE number >= {log}", REWRITE.format(first=log - 1))
    assert cut.startswith(f"event {log} is missing: an anchor of 20")
    assert cut.endswith(f"has seen it, the log ends at {log - 1}: the tail was cut")
    changed = fault(f"UPDATE audit_event SET actor = 'x' WHERE number = {log - 3}", REWRITE.format(first=1))
    assert changed.startswith(f"event {log} has the hash")
    assert changed.endswith("the log was rewritten from there or before")
    assert fault("DELETE FROM audit_event").startswith("the log ends at event 0")


def test_a_tail_that_nobody_has_anchored_yet_can_be_cut_by_who_rewrites_the_head_too(log: int) -> None:
    """What is not promised: docs/audit.md says so, and the schedule keeps this tail short."""
    last = newest()
    assert fault(f"DELETE FROM audit_event WHERE number = {last}", REWRITE.format(first=last - 1)) == ""


def test_a_guard_that_is_off_is_a_fault(log: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE price DISABLE TRIGGER audit_row")
        assert verify().fault == (
            "price is not guarded: its trigger audit_row is missing or switched off; "
            "manage.py migrate puts it back"
        )
        transaction.set_rollback(True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER append_only ON audit_event")
        assert verify().fault.startswith("audit_event is not guarded: its trigger append_only is missing")
        transaction.set_rollback(True)


def test_an_anchor_file_that_was_cut_changed_or_is_another_logs_is_found(
    log: int, places: list[Path]
) -> None:
    record("login")
    chain_now()
    assert anchor() is not None
    chain_now()
    ours = places[0]
    whole = ours.read_bytes()
    assert (verify().fault, [each.line for each in read(ours)]) == ("", [1, 2])
    ours.write_bytes(whole.splitlines(keepends=True)[0])
    assert verify().fault == f"{ours} has 1 lines, the log has anchored 2: it was cut"
    ours.unlink()
    assert verify().fault == f"{ours} has 0 lines, the log has anchored 2: it was cut"
    for bad in (whole.replace(b'"line": 1', b'"line": 3'), whole.splitlines(keepends=True)[1], b"nonsense\n"):
        ours.write_bytes(bad)
        assert verify().fault == f"{ours}, line 1: not signed by this installation after the line before it"
    ours.write_bytes(whole)
    assert verify().fault == ""
    with superuser() as cursor:
        cursor.execute("UPDATE audit_head SET genesis = sha256('another')")
        cursor.execute(REWRITE.format(first=1))
        assert "is of another log" in verify().fault
        record("login")
        chain_now()
        with pytest.raises(AnchorError, match="anchors another log"):
            anchor()


def test_anchors_are_written_only_when_something_has_happened_and_never_behind_them(
    log: int, places: list[Path]
) -> None:
    assert anchor() is not None
    chain_now()
    assert anchor() is None
    assert [len(read(place)) for place in places] == [2, 2]
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE number > 5")
        cursor.execute(
            "UPDATE audit_head SET number = 5, hash = (SELECT hash FROM audit_event WHERE number = 5)"
        )
        with pytest.raises(AnchorError, match="but the log ends at 5; move it away if"):
            anchor()
    places[1].unlink()
    places[1].mkdir()
    record("login")
    chain_now()
    with pytest.raises(AnchorError, match="cannot be written: Is a directory"):
        anchor()


def test_the_key_of_before_still_proves_old_anchors(log: int, settings: Any, places: list[Path]) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "new" * 20
    assert "not signed by this installation" in verify().fault
    settings.SECRET_KEY_FALLBACKS = [old]
    assert verify().fault == ""


def test_the_command_says_how_far_the_log_holds_and_keeps_it(log: int) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert f"{newest():,} events hold" in out.getvalue()
    assert f"anchored to {log:,}" in out.getvalue()
    with superuser() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE number = 7")
        with pytest.raises(CommandError, match="event 7 is missing"):
            call_command("verify_audit", stdout=StringIO())
        cursor.execute("SELECT number, fault FROM audit_check ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == (6, "event 7 is missing: event 8 stands in its place")
    call_command("anchor_audit", stdout=(said := StringIO()))
    assert "is anchored in" in said.getvalue()
