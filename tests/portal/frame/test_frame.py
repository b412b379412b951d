"""Who sees which page, what refusals look like, and what the answers carry."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.config.navigation import Screen, Section, menu_for
from portal.frame.appearance import theme_of
from portal.frame.failures import server_error

OPEN = {
    "first-run",  # is not there without its address
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "socialaccount_login_cancelled",
    "appearance",
}


def names(patterns: list[Any]) -> set[str]:
    """Names of all addresses that need no argument, outside of namespaces."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names(pattern.url_patterns) if not pattern.namespace else set()
        elif isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.regex.groups:
            found.add(pattern.name)
    return found


@pytest.fixture
def reader(db: None) -> Any:
    return get_user_model().objects.create_user("reader", password="a long word")


def test_the_gallery_is_for_staff(client: Client, reader: Any) -> None:
    assert client.get("/gallery/").headers["Location"] == "/login/?next=/gallery/"
    client.force_login(reader)
    refused = client.get("/gallery/")
    assert refused.status_code == 403
    assert "The gallery is for staff." in refused.content.decode()


def test_a_page_shows_only_menu_entries_that_the_reader_may_open(rf: RequestFactory, reader: Any) -> None:
    screens = [
        Screen(Section.COST, "For all", "account_login"),
        Screen(Section.CONTROL, "For some", "account_login", permission="accounts.change_user"),
        Screen(Section.CONTROL, "For staff", "account_login", staff_only=True),
    ]
    request = rf.get("/")
    request.user, request.resolver_match = reader, None
    assert [
        (group.label, [item.label for item in group.entries]) for group in menu_for(request, screens)
    ] == [("Cost", ["For all"])]
    request.user = get_user_model().objects.create_superuser("root")
    assert [len(group.entries) for group in menu_for(request, screens)] == [1, 2]


def test_the_frame_names_the_reader_and_their_role(client: Client, reader: Any) -> None:
    reader.is_staff = True
    reader.save()
    reader.groups.add(Group.objects.create(name="finance"))
    client.force_login(reader)
    page = client.get("/gallery/").content.decode()
    assert "reader" in page
    assert "Finance" in page
    assert 'aria-current="page">Gallery' in page


def test_the_menu_says_which_screen_a_page_below_it_belongs_to(rf: RequestFactory, reader: Any) -> None:
    """`/account/…` lies below "Account"; the start page is marked for itself alone."""
    screens = [Screen(Section.COST, "Start", "overview"), Screen(Section.COST, "Account", "mfa_index")]
    request = rf.get("/account/password/")
    request.user, request.resolver_match = reader, None
    (group,) = menu_for(request, screens)
    assert [(item.current, item.within) for item in group.entries] == [(False, False), (False, True)]


def test_every_answer_carries_a_request_id_which_refusals_repeat(client: Client) -> None:
    response = client.get("/nowhere/", headers={"X-Request-ID": "<script>"})
    assert response.status_code == 404
    name = response.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{12}", name)
    assert name in response.content.decode()


def test_the_address_of_a_form_opened_by_hand_says_so(client: Client, reader: Any) -> None:
    client.force_login(reader)
    response = client.get("/approvals/1/decide/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Nothing was sent, and nothing was changed." in response.content.decode()
    assert "Content-Security-Policy" in response.headers


def test_a_failure_page_needs_no_database(rf: RequestFactory) -> None:
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()


def test_a_form_without_its_token_gets_an_explanation() -> None:
    response = Client(enforce_csrf_checks=True).post("/appearance/", {"theme": "dark"})
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()


def test_an_appearance_is_kept_in_a_cookie_and_nothing_else_is_believed(
    client: Client, rf: RequestFactory
) -> None:
    response = client.post("/appearance/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"
    assert client.cookies["theme"].value == "dark"
    assert 'data-theme="dark"' in client.get("/login/").content.decode()
    client.post("/appearance/", {"theme": "system", "next": "/gallery/?a=b"})
    assert client.cookies["theme"].value == ""
    request = rf.get("/")
    request.COOKIES["theme"] = '"><script>'
    assert theme_of(request) == ""


def test_the_page_needs_no_script_of_strangers_and_no_inline_style(client: Client, reader: Any) -> None:
    reader.is_staff = True
    reader.save()
    client.force_login(reader)
    response = client.get("/gallery/")
    page = response.content.decode()
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son\w+=|<style|https?://(?!www\.w3\.org)", page)
    assert {match.split("?")[0] for match in re.findall(r'<script src="(/static/)', page)} == {"/static/"}


@pytest.mark.parametrize("name", sorted(names(get_resolver().url_patterns) - OPEN))
def test_every_other_page_sends_strangers_to_sign_in(client: Client, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code in (302, 401, 403, 405)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/login/")
