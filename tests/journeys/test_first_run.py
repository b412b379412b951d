"""Somebody opens the address that the server printed, and is the first administrator."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache

from portal.accounts.first_run import LIFE, new_token
from portal.accounts.models import FirstRunLink
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(transactional_db: None) -> str:
    cache.clear()
    return f"/first-run/{new_token(datetime.now(UTC))}/"


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_breaks_no_accessibility_rule(look: Any, address: str, width: int, scheme: str) -> None:
    window = look(None, width, scheme)
    page = window.go(address)
    page.get_by_role("heading", name="The first administrator").wait_for()
    screenshot(page, f"first-run-{scheme}-{width}")
    assert violations(page) == []
    page.get_by_label("Sign-in name").fill("ada")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("New password").fill("twelve letters")
    page.get_by_label("The same again").fill("twelve leters")
    page.get_by_label("The same again").press("Enter")
    page.get_by_text("The two passwords are not the same.").wait_for()
    screenshot(page, f"first-run-refused-{scheme}-{width}")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    FirstRunLink.objects.update(made_at=datetime.now(UTC) - 2 * LIFE, expires_at=datetime.now(UTC) - LIFE)
    page = window.go(address)
    page.get_by_role("heading", name="This address has expired").wait_for()
    screenshot(page, f"first-run-expired-{scheme}-{width}")
    assert violations(page) == []


def test_by_keyboard_alone_it_leads_to_members_and_is_gone_afterwards(look: Any, address: str) -> None:
    window, late = look(), look(None, 390)
    late.go(address)
    page = window.go(address)
    assert address not in page.url
    for text in ("ada", "Ada Moreau", "ada@example.org", "a long word or two", "a long word or two"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/")
    page.get_by_role("row").filter(has_text="Ada Moreau").filter(has_text="Administrator").wait_for()
    screenshot(page, "first-run-done")
    assert window.complaints == []
    page = late.go("/first-run/")
    page.get_by_role("heading", name="There is no such page").wait_for()
    assert late.go(address).get_by_role("heading", name="There is no such page").is_visible()
