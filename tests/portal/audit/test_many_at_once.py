"""Real transactions at once: no gap, no fork, no deadlock, and each event with who did it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections, transaction

from attribution.models import PriceBook, Tenant
from portal.accounts.models import Membership
from portal.audit.actor import Actor
from portal.audit.operations import record
from portal.audit.telling import acting_as
from portal.audit.verify import verify
from tests.portal.audit.support import newest

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROUNDS = 6, 25


@pytest.fixture(autouse=True)
def no_anchors(settings: Any, tmp_path: Any) -> None:
    settings.AUDIT_ANCHORS = [tmp_path / "anchors.jsonl"]


def together(*deeds: Callable[[], None]) -> list[Exception]:
    """Each deed in a thread with a connection of its own; returns what they raised."""
    raised: list[Exception] = []
    ready = threading.Barrier(len(deeds))

    def run(deed: Callable[[], None]) -> None:
        try:
            ready.wait(10)
            deed()
        except Exception as problem:
            raised.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_writers_leave_one_chain_without_gaps_though_every_third_takes_it_back() -> None:
    start = newest()

    def writer(name: str) -> Callable[[], None]:
        def write() -> None:
            for count in range(ROUNDS):
                with acting_as(Actor(f"user:{name}", "test", str(count))), transaction.atomic():
                    PriceBook.objects.create(name=f"{name}-{count}", currency="USD")
                    record("login", detail={"name": name})
                    transaction.set_rollback(count % 3 == 2)

        return write

    assert together(*(writer(f"w{number}") for number in range(WRITERS))) == []
    kept = sum(count % 3 != 2 for count in range(ROUNDS))
    assert newest() == start + WRITERS * kept * 2
    found = verify()
    assert (found.fault, found.number) == ("", newest())
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (WHERE object = 'price_book' AND after ->> 'name'
                                                       LIKE substr(actor, 6) || '-%%'),
                      count(DISTINCT transaction_id) FROM audit_event WHERE number > %s""",
            [start],
        )
        assert cursor.fetchone() == (WRITERS * kept * 2, WRITERS * kept, WRITERS * kept)
        cursor.execute("SELECT count(*) FROM audit_pending")
        assert cursor.fetchone() == (0,)


def lock_in_every_order() -> list[Exception]:
    """Some hold a tenant FOR UPDATE and write; others' foreign keys ask for it only when they commit."""
    tenants = [Tenant.objects.create(name=name, path=f"/{name}/") for name in ("one", "two")]
    users = [get_user_model().objects.create_user(name) for name in ("lena", "mia")]

    def holder(which: int) -> Callable[[], None]:
        def write() -> None:
            for count in range(ROUNDS):
                with transaction.atomic():
                    Tenant.objects.select_for_update().get(pk=tenants[which].pk)
                    Tenant.objects.filter(pk=tenants[which].pk).update(owner=str(count))

        return write

    def member(which: int) -> Callable[[], None]:
        def write() -> None:
            for _ in range(ROUNDS):
                with transaction.atomic():
                    for tenant in tenants[:: 1 if which else -1]:
                        Membership.objects.create(user=users[which], role="tenant_member", tenant=tenant)
                with transaction.atomic():
                    Membership.objects.filter(user=users[which]).delete()

        return write

    return together(holder(0), holder(1), member(0), member(1))


def test_rows_locked_in_any_order_and_keys_checked_at_commit_make_no_deadlock() -> None:
    assert lock_in_every_order() == []
    assert verify().fault == ""


def test_a_head_that_is_locked_before_the_keys_are_checked_would_make_one() -> None:
    """The sabotage twin of the test above."""
    early = """CREATE OR REPLACE FUNCTION audit_queue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   PERFORM FROM audit_head FOR UPDATE;
                   INSERT INTO audit_turn VALUES (NEW.transaction_id) ON CONFLICT DO NOTHING;
                   RETURN NULL;
               END $$"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('audit_queue()'::regprocedure)")
        (good,) = cursor.fetchone()
        try:
            cursor.execute(early)
            raised = lock_in_every_order()
        finally:
            cursor.execute(good)
    assert any("deadlock detected" in str(problem) for problem in raised)


def test_a_setting_of_one_transaction_is_unknown_to_the_next_one_of_the_connection() -> None:
    with acting_as(Actor("user:lena", "test", "1")):
        PriceBook.objects.create(name="hers", currency="USD")
    PriceBook.objects.create(name="nobody's", currency="USD")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor FROM audit_event WHERE object = 'price_book' ORDER BY number DESC LIMIT 2"
        )
        later, first = (row[0] for row in cursor.fetchall())
    assert first == "user:lena"
    assert later.startswith("unknown (database role ")
