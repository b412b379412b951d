"""Saving a view, finding it again, removing it: by keyboard, at every width."""

from typing import Any

import pytest

from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.scene import person, scene

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
MARCH = "/?from=2026-03-01&to=2026-03-10&group=service"


@pytest.fixture
def finance(transactional_db: None) -> Any:
    scene()
    yield person("frida", "finance")
    empty_facts()


def test_a_view_is_saved_and_opened_and_removed_by_keyboard(look: Any, finance: Any) -> None:
    window = look(finance)
    page = window.go(MARCH)
    page.locator("summary", has_text="Save view").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("March by service")
    page.keyboard.press("Enter")
    page.get_by_text("Saved as “March by service”").wait_for()
    page.get_by_role("status").get_by_role("link", name="Saved views").click()
    page.get_by_role("link", name="March by service").click()
    page.get_by_role("heading", name="By service").wait_for()
    assert page.url.endswith(MARCH)
    page = window.go("/views/")
    page.get_by_role("button", name="Remove March by service").press("Enter")
    page.get_by_text("No view is saved yet").wait_for()
    assert window.complaints == []


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_saved_views_break_no_accessibility_rule(look: Any, finance: Any, width: int, scheme: str) -> None:
    finance.saved_views.create(name="A view with a rather long name, " * 2, address=MARCH)
    window = look(finance, width, scheme)
    page = window.go("/views/")
    screenshot(page, f"saved-views-{scheme}-{width}")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    page = window.go(MARCH)
    page.locator("summary", has_text="Save view").click()
    settle(page)
    screenshot(page, f"save-view-{scheme}-{width}")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert window.complaints == []
