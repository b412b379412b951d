"""Views that people save for themselves."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from portal.saved_views.models import SavedView
from tests.support.fleet import small_fleet
from tests.support.scene import person

pytestmark = pytest.mark.django_db
MARCH = "/?from=2026-03-01&to=2026-03-10&group=service"


@pytest.fixture
def frida(client: Client) -> Any:
    small_fleet()
    user = person("frida", "finance")
    client.force_login(user)
    return user


def save(client: Client, name: str, address: str) -> Any:
    return client.post("/views/save/", {"name": name, "address": address}, follow=True)


def test_a_saved_view_leads_back_to_the_same_page(client: Client, frida: Any) -> None:
    response = save(client, "March by service", MARCH)
    assert response.redirect_chain[-1][0] == MARCH
    assert "Saved as “March by service”" in response.content.decode()
    assert (
        f'<a href="{MARCH.replace("&", "&amp;")}">March by service</a>'
        in client.get("/views/").content.decode()
    )


def test_the_same_name_again_changes_the_view(client: Client, frida: Any) -> None:
    save(client, "mine", MARCH)
    save(client, "mine", "/?group=use")
    assert list(SavedView.objects.values_list("name", "address")) == [("mine", "/?group=use")]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "/logout/",
        "/nowhere/",
        "",
    ],
)
def test_only_pages_of_ours_can_be_saved(client: Client, frida: Any, address: str) -> None:
    response = save(client, "x", address)
    assert "cannot be saved" in response.content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "n" * 81])
def test_a_view_needs_a_name(client: Client, frida: Any, name: str) -> None:
    assert "needs a name" in save(client, name, MARCH).content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_text_and_never_markup(client: Client, frida: Any) -> None:
    save(client, "<b>x</b>", MARCH)
    assert "<b>x</b>" not in client.get("/views/").content.decode()


def test_somebody_elses_view_is_neither_seen_nor_removed(client: Client, frida: Any) -> None:
    save(client, "mine", MARCH)
    other = Client()
    other.force_login(person("oscar", "finance"))
    view = SavedView.objects.get()
    assert "mine" not in other.get("/views/").content.decode()
    foreign = other.post(f"/views/{view.pk}/remove/", follow=True).content.decode()
    absent = other.post(f"/views/{view.pk + 1}/remove/", follow=True).content.decode()
    assert "There is no such view." in foreign
    assert "There is no such view." in absent
    assert SavedView.objects.exists()


def test_a_removed_view_is_gone(client: Client, frida: Any) -> None:
    save(client, "mine", MARCH)
    page = client.post(f"/views/{SavedView.objects.get().pk}/remove/", follow=True).content.decode()
    assert "“mine” was removed." in page
    assert "No view is saved yet" in page


def test_whoever_is_not_signed_in_is_asked_to(client: Client) -> None:
    for response in (client.get("/views/"), client.post("/views/save/", {"name": "x", "address": "/"})):
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/login/")


def test_a_view_is_saved_by_a_post_alone(client: Client, frida: Any) -> None:
    assert client.get("/views/save/?name=x&address=/").status_code == 405


@pytest.mark.parametrize("wrong", [{"address": "//x"}, {"address": "x"}, {"name": ""}])
def test_the_database_refuses_what_is_no_view(frida: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(user=frida, **{"name": "x", "address": "/"} | wrong)
