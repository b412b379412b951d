"""The API's documentation page works from our own host, under our own content security policy."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.support.browser import screenshot

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_the_api_can_be_read_and_tried_in_the_browser(look: Any, transactional_db: None) -> None:
    window = look(get_user_model().objects.create_superuser("root"))
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    page = window.go("/api/v1/docs")
    page.get_by_text("/api/v1/unit-costs").wait_for()
    page.locator("#operations-v1-costs .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    for name in ("from", "to"):
        row = page.locator(f"tr[data-param-name={name}]")
        row.locator("input").fill("2026-03-04" if name == "from" else "2026-03-05")
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status").get_by_text("200").wait_for()
    screenshot(page, "api-docs")
    assert window.complaints == []
    host = page.url.partition("/api/")[0]
    assert all(url.startswith((host, "data:")) for url in asked)
