"""A key as second factor: added, signed in with, asked for again before an act, and removed; by keyboard."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from portal.accounts.models import Membership, Role, User
from tests.support.axe import violations
from tests.support.books import small_books
from tests.support.browser import SCHEMES, screenshot
from tests.support.keys import PASSWORD, added, later
from tests.support.people import somebody

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(transactional_db: None) -> User:
    cache.clear()
    small_books()
    somebody("mia")
    user: User = somebody("ada", Role.ADMINISTRATOR)
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_out_and_in(window: Any) -> Any:
    """As far as the second factor."""
    page = window.go("/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One more thing").wait_for()
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_of_keys_breaks_an_accessibility_rule(
    with_key: Any, ada: User, width: int, scheme: str
) -> None:
    window = with_key(ada, width=width, scheme=scheme)
    added(window)
    for name, address in (
        ("account", "/account/"),
        ("add", "/account/keys/add/"),
        ("rename", f"/account/keys/{Authenticator.objects.get(type='webauthn').pk}/rename/"),
        ("remove", f"/account/keys/{Authenticator.objects.get(type='webauthn').pk}/remove/"),
        ("confirm", "/account/confirm/key/"),
    ):
        page = window.go(address)
        screenshot(page, f"key-{name}-{scheme}-{width}")
        assert violations(page) == [], address
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), address
    page = signed_out_and_in(window)
    screenshot(page, f"key-sign-in-{scheme}-{width}")
    assert violations(page) == []
    assert window.complaints == []


def test_somebody_adds_a_key_and_signs_in_with_it(with_key: Any, ada: User) -> None:
    window = with_key(ada)
    added(window)
    page = window.go("/account/")
    page.get_by_text("My yubi").first.wait_for()
    page = signed_out_and_in(window)
    page.keyboard.press("Enter")  # the button has the focus
    page.get_by_text("Your account").first.wait_for(state="attached")
    page = window.go("/account/")
    page.get_by_text("last used").wait_for()
    assert window.complaints == []


def test_the_key_confirms_an_act_and_the_form_goes_on_by_itself(with_key: Any, ada: User) -> None:
    window = with_key(ada)
    added(window)
    later(window)
    page = window.go("/members/")
    page.locator("select[name=account]").select_option("mia")
    page.locator("select[name=role]").select_option("finance")
    page.get_by_role("button", name="Give").click()
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    assert not Membership.objects.filter(user__username="mia").exists()
    page.get_by_role("link", name="Use your key instead").press("Enter")
    page.get_by_role("button", name="Use your key").press("Enter")
    page.get_by_text("mia now is finance.").wait_for()
    assert window.complaints == []


def test_a_key_that_the_account_does_not_know_opens_nothing(with_key: Any, ada: User) -> None:
    """Neither a browser that offers none of its keys, nor one that answers with another key's signature."""
    window = with_key(ada)
    added(window)
    stranger = with_key()
    page = stranger.go("/login/")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Use your key").click()
    page.get_by_text("Nothing was confirmed").wait_for()
    screenshot(page, "key-refused")
    assert violations(page) == []
    page.evaluate("() => document.getElementById('key-credential').value = '{\"id\": \"bm9uZQ\"}'")
    page.evaluate("() => document.getElementById('key-button').form.submit()")
    page.get_by_text("That key was not confirmed").wait_for()
    assert stranger.go("/account/").url.endswith("/login/code/")


def test_a_key_is_renamed_and_removed(with_key: Any, ada: User) -> None:
    window = with_key(ada)
    added(window)
    page = window.go("/account/")
    page.get_by_role("link", name="Rename My yubi").press("Enter")
    page.get_by_label("What you call it").fill("The blue one")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Remove The blue one").press("Enter")
    page.get_by_role("button", name="Remove it").press("Enter")
    page.get_by_text("off", exact=True).wait_for()
    assert not Authenticator.objects.exists()  # the recovery codes are gone too
    page = window.go("/account/")
    assert "The blue one" not in page.content()
    assert window.complaints == []
