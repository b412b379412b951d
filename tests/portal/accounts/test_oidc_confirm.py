"""Confirming at a provider: it is as long ago as the provider says that it asked."""

import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from portal.accounts.oidc.asked_there import asked_there
from portal.identity_providers.declared import OidcProvider
from tests.support.books import Books, small_books
from tests.support.oidc.server import Identities
from tests.support.oidc.signing_in import come_in, declare, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db: None) -> Books:
    return small_books()


def test_who_has_no_password_confirms_at_the_provider(
    idp: Identities, acme: OidcProvider, books: Books
) -> None:
    idp.knows(frida={"groups": ["fin"]})
    client = Client()
    come_in(idp, "frida", client)
    fields = {"name": "BI", "scope": "read", "tenant": "", "days": "30"}
    assert "Copy it now" in client.post("/tokens/make/", fields).content.decode()
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 600
    session.save()
    asked = client.post("/tokens/make/", fields)
    assert asked.headers["Location"].startswith("/account/confirm/provider/")
    assert "Sign in at Acme" in client.get(asked.headers["Location"]).content.decode()
    address = started(client, again="1", next="/account/")
    assert parse_qs(urlsplit(address).query)["prompt"] == ["login"]
    client.get(idp.sign_in(address, "frida"))
    assert "Copy it now" in client.post("/tokens/make/", fields).content.decode()


def made(client: Client) -> bool:
    """Whether a token is made at once, without being asked who one is."""
    fields = {"name": "BI", "scope": "read", "tenant": "", "days": "30"}
    answer = client.post("/tokens/make/", fields)
    return answer.status_code == 200 and "Copy it now" in answer.content.decode()


def test_who_was_asked_at_the_provider_long_ago_confirms_all_the_same(
    idp: Identities, acme: OidcProvider, books: Books, settings: Any
) -> None:
    """A browser that was left open: the provider lets it in again without a word."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 2
    idp.knows(frida={"groups": ["fin"]})
    browser, client = requests.Session(), Client()
    client.get(idp.sign_in(started(client), "frida", browser))
    assert made(client)
    time.sleep(3)
    again = Client()
    again.get(idp.sign_in(started(again), "nobody is asked", browser))
    assert again.get("/account/").status_code == 200
    assert not made(again)
    again.get(idp.sign_in(started(again, again="1"), "frida", browser))
    assert made(again)


@pytest.mark.parametrize("can_say", [True, False])
@pytest.mark.parametrize("again", [{}, {"again": "1"}], ids=["signed in", "told to ask"])
def test_silence_about_when_confirms_nothing_but_where_it_is_declared_and_the_provider_was_told_to_ask(
    idp: Identities,
    acme: OidcProvider,
    books: Books,
    settings: Any,
    monkeypatch: Any,
    again: dict[str, str],
    can_say: bool,
) -> None:
    """Without max_age, which is cut out of the address here, the provider says nothing."""
    declare(settings, replace(acme, auth_time=can_say))
    idp.knows(frida={"groups": ["fin"]})
    client = Client()
    address = re.sub(r"&(max_age|prompt)=\w+", "", started(client, **again))
    answer = client.get(idp.sign_in(address, "frida"), follow=True)
    assert made(client) == (bool(again) and not can_say)
    assert ("so this confirms nothing" in answer.content.decode()) == (bool(again) and can_say)


@pytest.mark.parametrize(
    ("said", "when"), [(900, 900), (1000.5, 1000.0), (True, 0.0), ("now", 0.0), (None, 0.0)]
)
def test_nobody_is_asked_in_the_future_nor_by_a_word(said: Any, when: float) -> None:
    assert asked_there({"auth_time": said}, believed=False, now=1000.0) == when
