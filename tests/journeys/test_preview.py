"""A proposal, from a text to a table beside what stands."""

from datetime import timedelta
from typing import Any

import pytest

from attribution.operations.attribute_windows import attribute_range
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.scene import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
DAY = "from=2026-03-04&to=2026-03-04"
WRONG = "%5B%5Bdistribution%5D%5D%0Ause+%3D+%22idel%22"
RULE = "%5B%5Bdistribution%5D%5D%0Ause+%3D+%22idle%22%0Amethod+%3D+%22proportional%22"


@pytest.fixture
def made(transactional_db: None) -> Any:
    fleet = small_fleet()
    price(fleet, 6 * 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": [0.5] * 40 + [0.0] * 20}, "n2": {"busy": 0.0}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 20}])
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    yield fleet
    empty_facts()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_state_breaks_an_accessibility_rule(look: Any, made: Any, width: int, scheme: str) -> None:
    window = look(person("frida", "finance"), width, scheme)
    for name, address in (
        ("preview-empty", "/preview/"),
        ("preview", f"/preview/?{DAY}&proposal={RULE}"),
        ("preview-mistakes", f"/preview/?{DAY}&proposal={WRONG}"),
    ):
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []


def test_an_error_under_a_field_leaves_its_neighbour_in_line(look: Any, made: Any) -> None:
    page = look(person("frida", "finance")).go("/preview/?from=2026-03-04&to=2026-03-01&proposal=x")
    page.get_by_text("is before the first day").wait_for()
    tops = [page.get_by_label(name).bounding_box()["y"] for name in ("From", "To (inclusive)")]
    assert tops[0] == tops[1]


def test_a_rule_is_tried_by_keyboard(look: Any, made: Any) -> None:
    page = look(person("frida", "finance")).go(f"/preview/?{DAY}")
    page.get_by_label("Proposal, a piece of fleet.toml").fill(
        '[[distribution]]\nuse = "idle"\nmethod = "even"'
    )
    page.get_by_role("button", name="Preview").focus()
    page.keyboard.press("Enter")
    page.get_by_role("region", name="By tenant, table").wait_for()
    assert "proposal=" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename == "preview-2026-03-04-2026-03-04.csv"


def test_what_was_previewed_is_asked_for_by_keyboard(look: Any, made: Any) -> None:
    window = look(person("frida", "finance"))
    page = window.go(f"/preview/?{DAY}&proposal={RULE}")
    link = page.get_by_role("link", name="Ask for this change")
    # After the form and before the figures, as on the screen.
    page.get_by_role("link", name="Something taken away").focus()
    page.keyboard.press("Tab")
    assert link.evaluate("it => it === document.activeElement")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ask for an allocation rule").wait_for()
    filled = [page.locator(f"[name={name}]").input_value() for name in ("use", "method", "title")]
    assert filled == ["idle", "proportional", ""]
    assert violations(page) == []
    assert window.complaints == []
