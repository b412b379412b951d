"""Whoever does not confirm that it is them goes back to where they were, and to no other host."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from portal.accounts.models import Role
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
PASSWORD = "a long word or two"
HOST = "http://testserver"
PAGE = "/members/?from=2026-03-01&text=a%20b"
ASK = "/members/invite/"


@pytest.fixture
def client() -> Client:
    cache.clear()
    user = somebody("ada", Role.ADMINISTRATOR)
    user.set_password(PASSWORD)
    user.save()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    return signed_in(user, ago=600)


def asked(client: Client, referer: str, address: str = ASK) -> tuple[str, Any]:
    """The address that asks who it is, and its page; a browser says the same page to both."""
    said = {"Referer": referer} if referer else {}
    where = client.post(address, {"name": "x"}, headers=said).headers["Location"]
    return where, client.get(where, headers=said)


def cancel(answer: Any) -> str:
    (found,) = re.findall(r'<a href="([^"]*)">Cancel</a>', answer.content.decode())
    return found.replace("&amp;", "&")


def test_cancel_leads_to_the_page_with_its_question(client: Client) -> None:
    _, page = asked(client, HOST + PAGE)
    assert cancel(page) == PAGE


def test_a_wrong_password_and_another_way_of_confirming_keep_it(client: Client) -> None:
    where, _ = asked(client, HOST + PAGE)
    again = client.post(where, {"password": "wrong"}, headers={"Referer": HOST + where})
    assert "That is not your password." in again.content.decode()
    assert cancel(again) == PAGE
    (other,) = re.findall(r'href="(/account/confirm/code/[^"]*)"', again.content.decode())
    page = client.get(other.replace("&amp;", "&"), headers={"Referer": HOST + where})
    assert cancel(page) == PAGE


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://elsewhere.example/members/",
        HOST + "//elsewhere.example/",
        HOST + "/\\elsewhere.example/",
        HOST + ":pass@elsewhere.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        HOST + "/account/confirm/?next=/members/",
    ],
)
def test_cancel_leads_to_no_other_host_and_not_round_in_a_circle(client: Client, referer: str) -> None:
    _, page = asked(client, referer)
    assert cancel(page) == "/"


def test_what_another_question_kept_is_not_taken_for_this_one(client: Client) -> None:
    asked(client, HOST + PAGE)
    _, page = asked(client, "", "/members/give/")
    assert cancel(page) == "/"


def test_a_page_that_asks_at_each_look_leads_to_the_account(client: Client) -> None:
    address = "/account/second-factor/remove/"
    _, page = asked(client, HOST + address, address)
    assert cancel(page) == "/account/"


def test_a_form_that_asks_when_it_is_sent_is_shown_again(client: Client) -> None:
    somebody("ada", Role.FINANCE)
    address = "/approvals/new/period_close/"
    _, page = asked(client, HOST + address, address)
    assert cancel(page) == address
    assert client.get(address).status_code == 200


def test_who_confirms_at_a_provider_is_led_back_as_well() -> None:
    user = somebody("ada", Role.ADMINISTRATOR)
    user.set_unusable_password()
    user.save()
    _, page = asked(signed_in(user, ago=600), HOST + PAGE)
    assert cancel(page) == PAGE
