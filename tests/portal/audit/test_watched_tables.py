"""Whatever changes a watched table is seen, by whatever door it comes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from attribution.models import ExchangeRate, Organization, Tenant
from portal.accounts.models import Membership, ServiceToken
from portal.audit.actor import Actor, name_of
from portal.audit.telling import acting_as
from portal.audit.watched import UNWATCHED, WATCHED
from portal.audit.watching import watch_tables
from tests.portal.audit.support import Event, events, newest

pytestmark = pytest.mark.django_db
LENA = Actor("user:lena", "POST /rules/", "0123456789ab")


def since(start: int) -> list[Event]:
    return [each for each in events(start) if each.kind.startswith(("row_", "table_"))]


def test_every_table_is_watched_or_says_why_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, 2 = (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid
                                         AND tgenabled = 'O' AND tgname IN ('audit_row', 'audit_truncate'))
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = current_schema()"""
        )
        found = dict(cursor.fetchall())
    assert not WATCHED.keys() & UNWATCHED.keys()
    missing = found.keys() - WATCHED.keys() - UNWATCHED.keys()
    assert not missing, f"add a line for each to portal/audit/watched.py: {sorted(missing)}"
    assert {name for name, watched in found.items() if watched} == WATCHED.keys() & found.keys()
    assert not (WATCHED.keys() | UNWATCHED.keys()) - found.keys(), "there are no such tables"


def test_a_table_that_is_forgotten_or_not_watched_any_more_is_found() -> None:
    """The sabotage twin of the test above."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (id int)")
        with pytest.raises(AssertionError, match="forgotten"):
            test_every_table_is_watched_or_says_why_not()
        cursor.execute("DROP TABLE forgotten")
        cursor.execute("DROP TRIGGER audit_row ON price")
        with pytest.raises(AssertionError):
            test_every_table_is_watched_or_says_why_not()
    assert watch_tables() == ["price"]
    assert watch_tables() == []


def test_a_bulk_write_raw_sql_and_the_orm_leave_the_same_kind_of_trace() -> None:
    start = newest()
    with acting_as(LENA):
        one, two = Tenant.objects.bulk_create(
            [Tenant(name="one", path="/1/"), Tenant(name="two", path="/2/")]
        )
        first, second = str(one.pk), str(two.pk)
        Tenant.objects.filter(pk__in=[one.pk, two.pk]).update(owner="lena@example.org")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE tenant SET cost_centre = '4711' WHERE id = %s", [one.pk])
        two.delete()
    seen = since(start)
    assert [(each.kind, each.object_id) for each in seen] == [
        ("row_added", first), ("row_added", second), ("row_changed", first),
        ("row_changed", second), ("row_changed", first), ("row_removed", second),
    ]  # fmt: skip
    assert {(each.actor, each.via, each.object) for each in seen} == {("user:lena", "POST /rules/", "tenant")}
    assert [each.number for each in events(start)] == list(range(start + 1, start + 1 + len(events(start))))
    assert (seen[4].before["cost_centre"], seen[4].after["cost_centre"]) == ("", "4711")
    assert (seen[0].before, seen[5].after) == (None, None)
    assert seen[5].before["owner"] == "lena@example.org"


def test_a_change_that_changes_nothing_is_no_event() -> None:
    Organization.objects.get_or_create(pk=1)
    Organization.objects.update(name="One")
    start = newest()
    Organization.objects.update(name="One")
    assert since(start) == []
    Organization.objects.update(name="Another")
    assert [each.kind for each in since(start)] == ["row_changed"]


def test_somebody_who_does_not_say_who_they_are_is_called_by_their_database_role() -> None:
    start = newest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenant (name, path, cost_centre, owner, found) VALUES ('x', '/x/', '', '', false)"
        )
        cursor.execute("SELECT session_user")
        role = cursor.fetchone()[0]
    assert [each.actor for each in since(start)] == [f"unknown (database role {role})"]


def test_secrets_are_left_out_and_their_change_is_seen() -> None:
    user = get_user_model().objects.create_user("pavel", password="first")
    start = newest()
    user.set_password("second")
    user.save()
    ServiceToken.objects.create(
        prefix="ab12",
        sha256="f" * 64,
        name="BI",
        scopes=["read"],
        owner=user.person,
        created_at=datetime.now(UTC),
    )
    password, token = since(start)
    assert (password.before["password"], password.after["password"]) == ("(secret)", "(new secret)")
    assert token.after["sha256"] == "(new secret)"
    assert (token.after["name"], token.after["scopes"]) == ("BI", ["read"])


def test_what_changes_all_the_time_is_no_event_on_its_own() -> None:
    user = get_user_model().objects.create_user("pavel")
    start = newest()
    get_user_model().objects.update(last_login=datetime.now(UTC))
    assert since(start) == []
    get_user_model().objects.update(last_login=datetime.now(UTC), is_active=False)
    assert [each.object_id for each in since(start)] == [str(user.pk)]


def test_what_is_rolled_back_never_was() -> None:
    start = newest()
    with transaction.atomic():
        Tenant.objects.create(name="one", path="/1/")
        transaction.set_rollback(True)
    assert since(start) == []


def test_a_truncated_table_says_how_many_rows_it_had() -> None:
    ExchangeRate.objects.create(
        base="USD", quote="EUR", rate=1, origin="a bank", dated=datetime.now(UTC).date()
    )
    start = newest()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE exchange_rate")
        cursor.execute("TRUNCATE exchange_rate")  # is empty: nothing to say
    seen = since(start)
    assert [(each.kind, each.object, each.detail) for each in seen] == [
        ("table_emptied", "exchange_rate", {"rows": 1})
    ]


def test_a_request_acts_as_who_is_signed_in() -> None:
    user: Any = get_user_model().objects.create_user("frida", password="pw")
    Membership.objects.create(user=user, role="finance")
    client, start = Client(), newest()
    cache.clear()  # of what was refused within the last minute
    client.post("/login/", {"login": "frida", "password": "wrong"})
    client.post("/login/", {"login": "my password", "password": "x"})
    client.post("/login/", {"login": "frida", "password": "pw"})
    client.get("/gallery/")
    client.post("/logout/")
    seen = [each for each in events(start) if each.kind in ("login", "login_failed", "logout", "refused")]
    assert [(each.kind, each.actor, each.via) for each in seen] == [
        ("login_failed", "nobody", "POST /login/"),
        ("login_failed", "nobody", "POST /login/"),
        ("login", "user:frida", "POST /login/"),
        ("refused", "user:frida", "GET /gallery/"),
        ("logout", "user:frida", "POST /logout/"),
    ]
    assert [each.detail["name"] for each in seen if "name" in each.detail] == ["frida", "(unknown name)"] + [
        "frida"
    ] * 2
    assert "my password" not in str(events(start))


def test_names_cannot_be_mistaken_for_each_other() -> None:
    user = get_user_model()(username="lena")
    assert name_of(user) == "user:lena"
    assert name_of(ServiceToken(prefix="lena")) == "token:lena"
    with pytest.raises(Exception, match="valid username"):
        get_user_model()(username="token:lena", password="x").full_clean()
