"""The overview, reconciliation and data health, as people meet them: every width, theme and state."""

from typing import Any

import pytest

from portal.costs import overview
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.health import troubled_sources
from tests.support.scene import Scene, bill_of, person, scene

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
MARCH = "/?from=2026-03-01&to=2026-03-10"
BILLS = "/reconciliation/?from=2026-01-01&to=2026-01-31"
HEALTH = "/data-health/?from=2026-03-08&to=2026-03-10"


@pytest.fixture
def made(transactional_db: None) -> Any:
    made = scene()
    bill_of(made)
    troubled_sources(made)
    yield made
    empty_facts()


@pytest.fixture
def finance(transactional_db: None) -> Any:
    return person("frida", "finance")


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_breaks_an_accessibility_rule(
    look: Any, made: Scene, finance: Any, width: int, scheme: str
) -> None:
    window = look(finance, width, scheme)
    for name, address in (("overview", MARCH), ("reconciliation", BILLS), ("data-health", HEALTH)):
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_empty_installation_says_what_to_do(look: Any, finance: Any, scheme: str) -> None:
    window = look(finance, 1440, scheme)
    for name in ("", "reconciliation/", "data-health/"):
        page = window.go(f"/{name}")
        screenshot(page, f"empty-{name.strip('/') or 'overview'}-{scheme}")
        assert violations(page) == []
    window.go("/").get_by_text("manage.py apply fleet.toml").wait_for()
    assert window.complaints == []
    phone = look(finance, 320, scheme).go("/")
    screenshot(phone, f"empty-overview-{scheme}-320")
    assert phone.evaluate("() => document.documentElement.scrollWidth") == 320


def test_a_period_without_cost_names_the_days_that_have_some(look: Any, made: Scene, finance: Any) -> None:
    page = look(finance).go("/?from=2025-01-01&to=2025-01-31")
    page.get_by_text("The ledger has cost from 15 Jan 2026 to 10 Mar 2026.").wait_for()
    screenshot(page, "overview-no-cost")
    assert violations(page) == []
    page.get_by_role("link", name="Show the newest month").click()
    page.get_by_text("Total cost").wait_for()


def test_one_part_fails_alone_and_names_the_request(
    look: Any, made: Scene, finance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(overview, "grouped", broken)
    window = look(finance)
    page = window.go(MARCH)
    settle(page)
    screenshot(page, "overview-error")
    assert page.get_by_text("This table could not be loaded").is_visible()
    assert len(page.locator(".panel code").first.inner_text()) == 12
    assert page.get_by_text("Total cost").is_visible()
    assert violations(page) == []


def test_a_tenant_member_sees_their_own_and_neither_bills_nor_sources(look: Any, made: Scene) -> None:
    window = look(person("mia", "tenant_member", made.tenants["checkout"]))
    page = window.go(MARCH)
    settle(page)
    screenshot(page, "overview-tenant-member")
    assert page.get_by_role("link", name="checkout").first.is_visible()
    assert "search" not in page.locator("main").inner_text()
    assert page.get_by_role("link", name="Reconciliation").count() == 0
    assert violations(page) == []
    for address in ("/reconciliation/", "/data-health/"):
        page = window.go(address)
        page.get_by_role("heading", name="You may not see this").wait_for()
        assert violations(page) == []


def test_somebody_drills_down_by_keyboard_and_comes_back(look: Any, made: Scene, finance: Any) -> None:
    window = look(finance)
    page = window.go(MARCH)
    row = page.get_by_role("region", name="By tenant, table").get_by_role("link", name="search")
    row.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**tenant=search**")
    assert page.get_by_role("combobox", name="Group by").input_value() == "service"
    assert page.get_by_role("textbox", name="Tenant").input_value() == "search"
    page.get_by_label("Compare with").select_option("previous")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**compare=previous**")
    settle(page)
    assert page.get_by_role("textbox", name="Tenant").input_value() == "search"
    page.go_back()
    page.wait_for_url("**compare=month**")
    assert window.complaints == []


def test_an_unknown_name_and_a_wrong_day_are_said_beside_their_fields(
    look: Any, made: Scene, finance: Any
) -> None:
    page = look(finance).go(f"{MARCH}&tenant=nobody")
    assert page.get_by_text("no tenant of this name").is_visible()
    assert page.get_by_text("No cost for this selection").is_visible()
    screenshot(page, "overview-unknown-tenant")
    assert violations(page) == []
    page.goto("/?from=2026-03-10&to=2026-03-01")
    assert page.get_by_text("is before the first day").is_visible()
    assert violations(page) == []


def test_old_figures_are_called_late_and_today_is_faded(look: Any, finance: Any) -> None:
    made = scene()
    page = look(finance).go(MARCH)
    assert page.locator(".stamp.late").is_visible()
    assert page.get_by_text("The newest data is of").count() == 0  # dates were chosen
    page = look(finance).go("/")
    assert page.get_by_text("The newest data is of 10 Mar 2026: periods end there.").is_visible()
    assert made
    empty_facts()


def test_the_csv_is_downloaded(look: Any, made: Scene, finance: Any) -> None:
    page = look(finance).go(MARCH)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename == "costs-by-tenant-2026-03-01-2026-03-10.csv"
