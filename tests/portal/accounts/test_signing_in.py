"""Signing in by password and second factor, what refusals tell, and how tries are limited."""

import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from portal.accounts.models import Role, User
from portal.accounts.one_time_link import one_time_link
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
PASSWORD = "a long word or two"


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def ann(db: None) -> Any:
    user = somebody("ann", Role.FINANCE)
    user.set_password(PASSWORD)
    user.save()
    return user


def tried(name: str, password: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/login/", {"login": name, "password": password})


def said(answer: Any) -> str:
    """The page without what differs from request to request, and without the name that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return re.sub(r'(name="login"[^>]*) value="[^"]*"', r"\1", text)


def test_a_wrong_password_a_closed_account_and_an_unknown_name_read_the_same(ann: Any) -> None:
    closed = User.objects.create_user("ben", password=PASSWORD, is_active=False)
    invited = User.objects.create_user("cleo")
    answers = [tried(name, "wrong") for name in ("ann", closed.username, invited.username, "nobody")]
    answers.append(tried("ann", PASSWORD + " "))
    assert {answer.status_code for answer in answers} == {200}
    assert len({said(answer) for answer in answers}) == 1
    assert "do not belong together" in said(answers[0])


def test_after_a_wrong_password_the_next_key_goes_into_the_password(ann: Any) -> None:
    focused = r"<input[^>]*name=.(\w+).[^>]*autofocus"
    assert re.findall(focused, Client().get("/login/").content.decode()) == ["login"]
    assert re.findall(focused, tried("ann", "wrong").content.decode()) == ["password"]


@pytest.mark.parametrize(
    "address", ["/password/sent/", "/password/done/", "/oidc/cancelled/", "/account/closed/"]
)
def test_pages_that_only_say_something_say_it_in_their_heading(address: str) -> None:
    page = Client().get(address).content.decode()
    assert re.findall(r'<section class="card">\s*<div class="panel.*?<(h\d)>', page, re.DOTALL) == ["h1"]


def test_an_unknown_name_costs_as_many_hashes_as_a_wrong_password(ann: Any, monkeypatch: Any) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[int] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    User.objects.create_user("cleo")
    counts = []
    for name in ("ann", "cleo", "nobody"):
        hashed.clear()
        tried(name, "wrong")
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_after_five_failures_even_the_right_password_waits(ann: Any) -> None:
    for _ in range(5):
        tried("ann", "wrong")
    assert "Too many failed attempts" in said(tried("ann", PASSWORD))
    for _ in range(5):
        tried("nobody", "wrong")
    assert "Too many failed attempts" in said(tried("nobody", PASSWORD))


def test_tries_are_counted_where_all_processes_see_them(ann: Any) -> None:
    from django.db import connection

    tried("ann", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shared_cache WHERE cache_key LIKE '%login_failed%'")
        assert cursor.fetchone()[0] > 0


def test_there_is_no_sign_up(client: Client) -> None:
    assert client.get("/signup/").status_code == 404
    assert client.get("/account/signup/").status_code == 404


def factor_of(user: Any) -> str:
    """Give the account a second factor; returns its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def test_with_a_second_factor_the_password_alone_opens_nothing(ann: Any) -> None:
    secret, client = factor_of(ann), Client()
    assert tried("ann", PASSWORD, client).headers["Location"] == "/login/code/"
    assert client.get("/").status_code == 302
    assert "code is not right" in client.post("/login/code/", {"code": "000000"}).content.decode()
    assert client.post("/login/code/", {"code": code_of(secret)}).headers["Location"] == "/"
    assert client.get("/account/").status_code == 200


def test_a_code_works_once(ann: Any) -> None:
    secret = factor_of(ann)
    code = code_of(secret)
    for expected in ("/", None):
        client = Client()
        tried("ann", PASSWORD, client)
        assert client.post("/login/code/", {"code": code}).headers.get("Location") == expected


def test_the_secret_of_a_factor_is_not_in_the_database_in_clear(ann: Any) -> None:
    secret = factor_of(ann)
    kept = Authenticator.objects.get(user=ann).data["secret"]
    assert secret not in kept
    assert get_adapter().decrypt(kept) == secret
    assert get_adapter().decrypt("made by another key") == ""


def test_a_recovery_code_signs_in_once(ann: Any) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    factor_of(ann)
    code = RecoveryCodes.activate(ann).get_unused_codes()[0]
    for expected in ("/", None):
        client = Client()
        tried("ann", PASSWORD, client)
        assert client.post("/login/code/", {"code": code}).headers.get("Location") == expected


def test_a_session_that_is_ended_elsewhere_sees_nothing_more(ann: Any) -> None:
    here, there = Client(), Client()
    tried("ann", PASSWORD, here)
    tried("ann", PASSWORD, there)
    other = UserSession.objects.get(session_key=there.session.session_key)
    assert there.get("/account/").status_code == 200
    here.post(f"/account/sessions/{other.pk}/end/")
    assert there.get("/account/").headers["Location"].startswith("/login/")
    assert here.get("/account/").status_code == 200


def test_without_the_end_of_its_session_a_window_that_left_the_list_would_go_on(
    ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the list of sessions is a list; what signs in is Django's session."""
    monkeypatch.setattr(UserSession, "end", lambda self: self.delete())
    here, there = Client(), Client()
    tried("ann", PASSWORD, here)
    tried("ann", PASSWORD, there)
    other = UserSession.objects.get(session_key=there.session.session_key)
    here.post(f"/account/sessions/{other.pk}/end/")
    assert not UserSession.objects.filter(pk=other.pk).exists()
    assert there.get("/account/").status_code == 200


def test_nobody_ends_somebody_elses_session(ann: Any) -> None:
    victim, stranger = Client(), signed_in(somebody("eve"))
    tried("ann", PASSWORD, victim)
    theirs = UserSession.objects.get(user=ann)
    foreign = stranger.post(f"/account/sessions/{theirs.pk}/end/", follow=True)
    absent = stranger.post(f"/account/sessions/{theirs.pk + 1000}/end/", follow=True)
    assert said(foreign) == said(absent)
    assert victim.get("/account/").status_code == 200


def test_a_new_password_ends_other_sessions(ann: Any) -> None:
    here, there = Client(), Client()
    tried("ann", PASSWORD, here)
    tried("ann", PASSWORD, there)
    new = {"oldpassword": PASSWORD, "password1": "quite another one", "password2": "quite another one"}
    assert here.post("/account/password/", new).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_a_one_time_link_sets_a_password_once(ann: Any) -> None:
    link = one_time_link(ann)
    path = "/" + link.split("/", 3)[3]
    client = Client()
    form = client.get(path).headers["Location"]
    assert path.split("-", 1)[1].strip("/") not in form  # the key does not stay in the address
    assert client.post(form, {"password1": "short", "password2": "short"}).status_code == 200
    chosen = {"password1": "a whole new phrase", "password2": "a whole new phrase"}
    assert client.post(form, chosen).status_code == 302
    assert "does not work any more" in Client().get(path).content.decode()
    assert tried("ann", "a whole new phrase").headers["Location"] == "/"


def test_the_first_administrator_is_made_by_whoever_has_the_machine() -> None:
    out = StringIO()
    call_command("createadmin", "root", "--base", "https://costs.example.org", stdout=out, stderr=StringIO())
    link = out.getvalue().strip()
    assert link.startswith("https://costs.example.org/password/")
    user = User.objects.get(username="root")
    assert [one.role for one in user.memberships.all()] == ["administrator"]
    assert not user.has_usable_password()
    assert not user.is_superuser
    call_command("createadmin", "root", stdout=out, stderr=StringIO())
    assert user.memberships.count() == 1


def test_a_name_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(CommandError, match="valid username"):
        call_command("createadmin", "not a name", stdout=StringIO())
    assert not User.objects.exists()


def test_the_reset_by_mail_sends_one_mail_and_answers_the_same_whoever_asks(ann: Any) -> None:
    ann.email = "ann@example.org"
    ann.save()
    answers = [Client().post("/password/", {"email": f"{name}@example.org"}) for name in ("ann", "nobody")]
    assert [answer.headers["Location"] for answer in answers] == ["/password/sent/"] * 2
    known, unknown = mail.outbox
    assert (known.to, unknown.to) == (["ann@example.org"], ["nobody@example.org"])
    assert "/password/" in known.body
    assert "/password/" not in unknown.body
