"""Signing in and out, choosing an appearance, and the pages of refusal, by hand and by keyboard."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff(transactional_db: None) -> Any:
    return get_user_model().objects.create_user("grace", password="a long word", is_staff=True)


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sign_in_page_breaks_no_accessibility_rule(look: Any, width: int, scheme: str) -> None:
    window = look(None, width, scheme)
    page = window.go("/login/?next=/gallery/")
    screenshot(page, f"login-{scheme}-{width}")
    assert violations(page) == []
    assert window.complaints == []


def test_somebody_signs_in_with_the_keyboard_and_lands_where_they_wanted(look: Any, staff: Any) -> None:
    window = look()
    page = window.go("/gallery/")
    page.keyboard.type("grace")
    page.keyboard.press("Tab")
    page.keyboard.type("a wrong word")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    screenshot(page, "login-refused")
    assert violations(page) == []
    page.get_by_label("Password").fill("a long word")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Gallery").wait_for()


def test_the_phone_menu_opens_and_closes_by_keyboard(look: Any, staff: Any) -> None:
    page = look(staff, 390).go("/gallery/")
    page.keyboard.press("Tab")  # the skip link
    page.keyboard.press("Tab")  # the brand
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    menu = page.get_by_role("link", name="Gallery")
    menu.wait_for()
    screenshot(page, "menu-390")
    assert violations(page) == []
    page.keyboard.press("Escape")
    menu.wait_for(state="hidden")


def test_a_chosen_appearance_stays_and_signing_out_ends_the_session(look: Any, staff: Any) -> None:
    page = look(staff).go("/gallery/")
    page.locator(".user > summary").click()
    page.get_by_role("button", name="Dark").click()
    page.locator("html[data-theme=dark]").wait_for(state="attached")
    assert page.evaluate("() => getComputedStyle(document.body).colorScheme") == "dark"
    assert page.url.endswith("/gallery/")
    page.locator(".user > summary").click()
    screenshot(page, "user-menu-dark")
    assert violations(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_pages_of_refusal_say_what_happened_and_name_the_request(look: Any) -> None:
    reader = get_user_model().objects.create_user("reader", password="a long word")
    window = look(reader)
    for address, heading in (("/nowhere/", "There is no such page"), ("/gallery/", "You may not see this")):
        page = window.go(address)
        page.get_by_role("heading", name=heading).wait_for()
        screenshot(page, f"refusal-{address.strip('/')}")
        assert violations(page) == []
        assert len(page.locator("code").inner_text()) == 12
