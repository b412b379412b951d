"""Two people close a month, in a real browser."""

from typing import Any

import pytest

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.periods import period
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import MARCH, close
from tests.support.scene import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PAGE = "/periods/2026-03/"


@pytest.fixture
def fleet(transactional_db: None) -> Any:
    made = small_fleet()
    price(made, 10**9)
    devices_hour(made, HOUR, {"n1": {"busy": 0.5}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    yield made
    empty_facts()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_breaks_an_accessibility_rule(look: Any, fleet: Any, width: int, scheme: str) -> None:
    close()
    requests_hour(fleet, HOUR, [{"tenant": "b", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    window = look(person("frida", "finance"), width, scheme)
    for name, address in (
        ("periods", "/periods/"), ("period-closed", PAGE), ("period-open", "/periods/2026-04/"),
    ):  # fmt: skip
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []


def test_an_auditor_reads_and_is_told_the_role(look: Any, fleet: Any) -> None:
    page = look(person("aude", "auditor")).go(PAGE)
    settle(page)
    screenshot(page, "period-auditor")
    page.get_by_text("It needs the role").wait_for()
    assert page.get_by_role("button", name="Ask to close").count() == 0
    assert violations(page) == []
    assert period(MARCH).state == "open"
