"""Every component in every state, as a person and as a screen reader meet it."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff(transactional_db: None) -> Any:
    return get_user_model().objects.create_user(
        "grace", password="a long word", first_name="Grace", last_name="Hopper", is_staff=True
    )


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_gallery_breaks_no_accessibility_rule(look: Any, staff: Any, width: int, scheme: str) -> None:
    window = look(staff, width, scheme)
    page = window.go("/gallery/")
    settle(page)
    screenshot(page, f"gallery-{scheme}-{width}")
    page.locator(".as-table > summary").click()
    assert violations(page) == []
    assert window.complaints == []


def test_nothing_is_wider_than_a_phone(look: Any, staff: Any) -> None:
    page = look(staff, 320).go("/gallery/")
    settle(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
