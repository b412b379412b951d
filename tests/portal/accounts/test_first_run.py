"""The first administrator is made by whoever holds the address that the server printed, and nobody else."""

import itertools
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test import Client

from portal.accounts import first_run
from portal.accounts.first_run import LIFE, TOGETHER, Closed, digest_of, make_first_administrator, new_token
from portal.accounts.first_run_notice import say_first_run
from portal.accounts.models import FirstRunLink, Membership, Role, User
from tests.portal.audit.support import events, newest
from tests.support.people import administrator, somebody

pytestmark = pytest.mark.django_db
_starts = itertools.count()
GIVEN = {
    "username": "ada",
    "full_name": "Ada Moreau",
    "email": "ada@example.org",
    "password1": "a whole new phrase",
    "password2": "a whole new phrase",
}


@pytest.fixture(autouse=True)
def no_tries_yet(db: None) -> None:
    cache.clear()


def token() -> str:
    """Of a start some hours ago, each after the one before: what starts together prints one."""
    made = new_token(datetime.now(UTC) - LIFE / 2 + next(_starts) * TOGETHER)
    assert made is not None
    return made


def arrived(text: str) -> Client:
    """A browser that has opened the address."""
    client = Client()
    assert client.get(f"/first-run/{text}/").headers["Location"] == "/first-run/"
    return client


def administrators() -> list[str]:
    found = Membership.objects.filter(role=Role.ADMINISTRATOR).order_by("user__username")
    return [one.user.username for one in found]


def test_the_server_prints_one_address_and_keeps_its_hash(capsys: Any, settings: Any) -> None:
    say_first_run()
    said = capsys.readouterr().err
    text = said.split("/first-run/")[1].split("/")[0]
    assert f"    {settings.ENV.address}/first-run/{text}/\n" in said
    assert len(text) >= 43  # 256 bits in base64
    assert [one.sha256 for one in FirstRunLink.objects.all()] == [digest_of(text)]
    assert text not in str(events())
    assert digest_of(text) not in str(events())
    say_first_run()  # the next process of the same server
    assert capsys.readouterr().err == ""


def test_whoever_opens_it_becomes_the_administrator_and_is_signed_in() -> None:
    before = newest()
    client = arrived(token())
    page = client.get("/first-run/")
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert "The first administrator" in page.content.decode()
    assert client.post("/first-run/", GIVEN).headers["Location"] == "/members/"
    assert client.get("/members/").status_code == 200
    user = User.objects.get(username="ada")
    assert (user.email, user.person.name, user.check_password("a whole new phrase")) == (
        "ada@example.org",
        "Ada Moreau",
        True,
    )
    assert (administrators(), user.is_superuser, user.is_staff) == (["ada"], False, False)
    kinds = [(one.kind, one.object) for one in events(before)]
    for wanted in (
        ("row_added", "membership"),
        ("row_changed", "first_run_link"),
        ("login", "accounts_user"),
    ):
        assert wanted in kinds


def test_afterwards_it_is_a_404_for_good_and_nothing_is_printed(capsys: Any) -> None:
    used, other = token(), token()
    early = arrived(other)
    arrived(used).post("/first-run/", GIVEN)
    User.objects.update(is_active=False)  # also when the administrator has left
    for address in ("/first-run/", f"/first-run/{used}/", f"/first-run/{other}/", "/first-run/guessed/"):
        for client in (Client(), early):
            assert client.get(address).status_code == 404, address
            assert client.post(address, GIVEN | {"username": "eve"}).status_code == 404, address
    Membership.objects.all().delete()
    assert early.get("/first-run/").status_code == 404
    assert new_token(datetime.now(UTC) + LIFE) is None
    say_first_run()
    assert capsys.readouterr().err == ""
    assert not User.objects.filter(username="eve").exists()


def test_looking_at_the_address_uses_nothing_up() -> None:
    text = token()
    arrived(text).get("/first-run/")
    Client().head(f"/first-run/{text}/")
    assert arrived(text).post("/first-run/", GIVEN).status_code == 302


def test_a_guess_and_an_address_of_nobody_are_not_there() -> None:
    text = token()
    assert Client().get("/first-run/").status_code == 404
    for guess in (text[:-1], text.upper(), digest_of(text), "x"):
        assert Client().get(f"/first-run/{guess}/").status_code == 404


def test_an_expired_address_says_so_and_makes_nobody() -> None:
    text = new_token(datetime.now(UTC) - LIFE)
    assert text is not None
    client = arrived(text)
    for answer in (client.get("/first-run/"), client.post("/first-run/", GIVEN)):
        assert answer.status_code == 410
        assert "has expired" in answer.content.decode()
    with pytest.raises(Closed):
        make_first_administrator(User(username="ada"), digest=digest_of(text), now=datetime.now(UTC))
    assert not User.objects.exists()


@pytest.mark.parametrize("made", ["createadmin", "a superuser", "a closed administrator"])
def test_where_there_is_an_administrator_there_is_no_address(made: str, capsys: Any) -> None:
    text = token()
    if made == "createadmin":
        call_command("createadmin", "root")
    elif made == "a superuser":
        User.objects.create_superuser("root")
    else:
        User.objects.filter(pk=administrator().pk).update(is_active=False)
    capsys.readouterr()
    say_first_run()
    assert capsys.readouterr().err == ""
    assert Client().get(f"/first-run/{text}/").status_code == 404


def test_other_accounts_do_not_close_it() -> None:
    somebody("frida", Role.FINANCE)
    assert arrived(token()).post("/first-run/", GIVEN).status_code == 302


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "not a name"}, "Enter a valid username"),
        ({"username": "frida"}, "already exists"),
        ({"username": ""}, "Give a sign-in name."),
        ({"email": "nowhere"}, "Enter a valid email address"),
        ({"email": ""}, "Give an e-mail address."),
        ({"password2": "another whole phrase"}, "The two passwords are not the same."),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "ada@example.org", "password2": "ada@example.org"}, "too similar"),
        ({"password1": "", "password2": ""}, "Choose a password."),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_stays(change: dict[str, str], said: str) -> None:
    somebody("frida")
    client = arrived(token())
    page = client.post("/first-run/", GIVEN | change).content.decode()
    assert said in page
    assert "Ada Moreau" in page
    assert "a whole new phrase" not in page
    assert administrators() == []
    assert client.post("/first-run/", GIVEN).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("addresses", [1, 2])
def test_of_two_browsers_at_once_one_makes_the_administrator(addresses: int) -> None:
    for _ in range(5):
        Membership.objects.all().delete()
        User.objects.all().delete()
        FirstRunLink.objects.all().delete()
        tokens = [token() for _ in range(addresses)]
        assert race(tokens[0], tokens[-1]) == [302, 404]
        assert len(administrators()) == User.objects.count() == 1


def race(*tokens: str) -> list[int]:
    """The statuses that two browsers got which sent the form at once."""
    start, statuses = threading.Barrier(2), []

    def send(client: Client, name: str) -> None:
        start.wait()
        try:
            statuses.append(client.post("/first-run/", GIVEN | {"username": name}).status_code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=send, args=(arrived(text), f"ada{number}"))
        for number, text in enumerate(tokens)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_lets_one_address_be_used(monkeypatch: Any) -> None:
    """The lock's sabotage twin: two are let in together, and the second one is refused by the table."""
    tokens = [token(), token()]
    both_are_in = threading.Barrier(2)
    closed = first_run._closed

    def looked() -> bool:
        found = closed()
        if threading.current_thread() is not threading.main_thread():
            both_are_in.wait(10)
        return found

    clients = [arrived(text) for text in tokens]
    monkeypatch.setattr(first_run, "_one_at_a_time", lambda: None)
    monkeypatch.setattr(first_run, "_closed", looked)
    refused: list[type[Exception]] = []

    def make(client: Client, name: str, text: str) -> None:
        user = User(username=name)
        try:
            make_first_administrator(user, digest=digest_of(text), now=datetime.now(UTC))
        except Exception as problem:
            refused.append(type(problem))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=make, args=(client, f"ada{number}", text))
        for number, (client, text) in enumerate(zip(clients, tokens, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [IntegrityError]
    assert len(administrators()) == 1


def test_the_table_lets_one_address_be_used_and_none_be_endless() -> None:
    now = datetime.now(UTC)
    token(), token()
    first, second = FirstRunLink.objects.all()
    FirstRunLink.objects.filter(pk=first.pk).update(used_at=now)
    with pytest.raises(IntegrityError, match="first_run_link_used_once"), transaction.atomic():
        FirstRunLink.objects.filter(pk=second.pk).update(used_at=now)
    with pytest.raises(IntegrityError, match="first_run_link_expires"), transaction.atomic():
        FirstRunLink.objects.filter(pk=second.pk).update(expires_at=now - timedelta(days=9))


def test_a_server_without_tables_starts_and_says_how_to_make_them(capsys: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE first_run_link RENAME TO gone")
    with suppress(TransactionManagementError), transaction.atomic():
        say_first_run()
    assert "no tables yet: run manage.py migrate" in capsys.readouterr().err
