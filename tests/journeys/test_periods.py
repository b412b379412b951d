"""Two people close a month, in a real browser."""

from typing import Any

import pytest

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.periods import period
from portal.approvals.domain.kinds import Kind
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import MARCH, asked, close
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


PASSWORD = "a long word"


def show(page: Any) -> None:
    """Who it is, asked again because the session shows nothing; the form that was sent goes on by itself."""
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("input[type=password]").press("Enter")


def pressed(page: Any, name: str) -> None:
    """A button, by keyboard."""
    button = page.get_by_role("button", name=name)
    button.focus()
    button.press("Enter")


def decided(window: Any, verb: str) -> Any:
    """From the inbox to a decision, by keyboard; the page that says what became of it."""
    page = window.go("/approvals/")
    page.get_by_role("link", name=f"{verb} March 2026").press("Enter")
    page.get_by_role("link", name="March 2026 as it stands now").wait_for()
    assert violations(page) == []
    pressed(page, "Approve")
    return page


def test_two_people_close_a_month_and_open_it_again_by_keyboard(look: Any, fleet: Any) -> None:
    frida, fritz = look(person("frida", "finance")), look(person("fritz", "finance"))
    page = frida.go(PAGE)
    pressed(page, "Ask to close March 2026")
    show(page)
    page.get_by_text("You asked for it or edited it, so somebody else has to decide.").wait_for()
    assert page.get_by_role("button", name="Approve").count() == 0
    assert period(MARCH).state == "in_review"
    screenshot(frida.go(PAGE), "period-in-review")
    page = decided(fritz, "Close")
    show(page)
    page.get_by_text("is carried out").wait_for()
    screenshot(page, "period-change-closed")
    assert violations(page) == []
    assert period(MARCH).state == "closed"
    page = fritz.go(PAGE)
    page.get_by_label("Why it has to be opened again").fill("A late invoice")
    pressed(page, "Ask to reopen")
    page.get_by_text("so somebody else has to decide").wait_for()
    page = decided(frida, "Reopen")
    page.get_by_text("is carried out").wait_for()
    assert period(MARCH).state == "open"
    screenshot(frida.go(PAGE), "period-reopened")
    assert frida.complaints + fritz.complaints == []


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_month_in_review_and_what_fails_read_well(look: Any, fleet: Any, width: int, scheme: str) -> None:
    """The change of a month, the month in review, and then with conditions that fail."""
    change = asked(Kind.PERIOD_CLOSE)
    window = look(person("frida", "finance"), width, scheme)
    requests_hour(fleet, HOUR, [{"tenant": "b", "requests": 1}])
    for name, address in (
        ("change-of-month", f"/approvals/{change.pk}/"), ("period-review-failing", PAGE),
        ("ask-to-close", "/approvals/new/period_close/?period=2026-03"),
        ("ask-to-reopen", "/approvals/new/period_reopen/"), ("ask-to-adjust", "/approvals/new/adjustment/"),
    ):  # fmt: skip
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []


def test_without_months_and_without_the_role(look: Any, transactional_db: None) -> None:
    page = look(person("frida", "finance")).go("/periods/")
    page.get_by_text("No month has a ledger yet").wait_for()
    screenshot(page, "periods-empty")
    assert violations(page) == []
    lead = look(person("lena", "analyst"))
    page = lead.go(PAGE)
    screenshot(page, "period-forbidden")
    page.get_by_text("Periods are for the roles").wait_for()
    assert violations(page) == []


def test_an_auditor_reads_and_is_told_the_role(look: Any, fleet: Any) -> None:
    page = look(person("aude", "auditor")).go(PAGE)
    settle(page)
    screenshot(page, "period-auditor")
    page.get_by_text("It needs the role").wait_for()
    assert page.get_by_role("button", name="Ask to close").count() == 0
    assert violations(page) == []
    assert period(MARCH).state == "open"
