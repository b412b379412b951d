"""Connections that readers share, whatever goes wrong between, keep nothing of anybody."""

import random
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import DataError, connection, connections, transaction

from attribution.models import Tenant
from attribution.queries import seen
from attribution.queries.scope import EVERYBODY, NOBODY, TenantScope
from attribution.queries.seen import see, seeing

pytestmark = pytest.mark.django_db(transaction=True)
TURNS, THREADS, TENANTS = 10_000, 4, 6
ASK = "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM tenant"


class Gone(Exception):
    """Something went wrong in the middle of a request."""


@pytest.fixture
def roots() -> list[int]:
    """Tenants, each with two below it."""
    made = []
    for number in range(TENANTS):
        root = Tenant.objects.create(name=f"root-{number}")
        for child in range(2):
            Tenant.objects.create(name=f"child-{number}-{child}", parent=root)
        made.append(root.pk)
    return made


def asked() -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(ASK)
        return frozenset(cursor.fetchone()[0])


def one_turn(turn: random.Random, expected: dict[TenantScope, frozenset[int]]) -> list[str]:
    """A request of somebody, which ends well or not; what it saw that was not for it."""
    scope = turn.choice(list(expected))
    ending = turn.choice(
        ["well", "well", "well", "raises", "database error", "rolled back", "nested", "after"]
    )
    faults = []
    with suppress(Gone, DataError), seeing(scope):
        if asked() != expected[scope]:
            faults.append(f"{scope} saw something else")
        if ending == "raises":
            raise Gone
        if ending == "database error":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        if ending == "rolled back":
            transaction.set_rollback(True)
        if ending == "nested":
            other = turn.choice(list(expected))
            with suppress(Gone), seeing(other):
                if asked() != expected[other]:
                    faults.append(f"{other} saw something else within")
                raise Gone
            if asked() != expected[scope]:
                faults.append(f"{scope} kept something of {other}")
    if ending == "after":  # the next one takes the connection and says nothing
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE apportion_app")
            if asked():
                faults.append(f"{scope} left something behind")
    return faults


def leaks(roots: list[int], turns: int = TURNS) -> list[str]:
    """What anybody saw of others in so many turns, by threads with a connection each."""
    everybody = frozenset(Tenant.objects.values_list("pk", flat=True))
    expected = {TenantScope(frozenset({root})): TenantScope(frozenset({root})).tenant_ids() for root in roots}
    known: dict[TenantScope, frozenset[int]] = {scope: ids for scope, ids in expected.items() if ids}
    known |= {EVERYBODY: everybody, NOBODY: frozenset()}
    found: list[str] = []

    def work(seed: int) -> None:
        turn = random.Random(seed)
        try:
            for _ in range(turns // THREADS):
                found.extend(one_turn(turn, known))
                if found:
                    return
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_ten_thousand_turns_on_shared_connections_leak_nothing(roots: list[int]) -> None:
    assert settings.ROLE_OF_REQUESTS
    assert leaks(roots) == []


@pytest.fixture
def undo_policies() -> Iterator[None]:
    yield
    from portal.isolation.policies import keep_policies

    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE report_login IS ''")
    keep_policies()


def test_a_setting_of_the_session_is_seen_to_leak(roots: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sabotage twin: SET instead of set_config(…, true)."""

    def for_good(scope: TenantScope) -> None:
        see(scope)
        value = "*" if scope == EVERYBODY else str(set(scope.tenant_ids() or ()) or "")
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('apportion.tenants', %s, false)", [value])

    monkeypatch.setattr(seen, "see", for_good)
    assert leaks(roots, 400)


def test_a_policy_taken_away_is_seen_to_leak(roots: list[int], undo_policies: None) -> None:
    """The second one."""
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY app ON tenant; CREATE POLICY app ON tenant USING (true)")
    assert leaks(roots, 40)
