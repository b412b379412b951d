"""Bytes against bills, engines against gateways, and fitted weights, as people look at them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from attribution.models import Service
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.propose_fits import propose_fits
from tests.attribution.operations.test_every_pool import sent
from tests.attribution.queries.test_billed_bytes import GB, a_bill, line
from tests.attribution.queries.test_engine_residuals import record
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet
from tests.support.scene import person
from tests.support.simulated_engine import Engine, run, steady_load
from tests.support.token_hours import record_engine

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
DAY = "from=2026-03-04&to=2026-03-04"
START = datetime(2026, 2, 20, tzinfo=UTC)


@pytest.fixture
def fleet(transactional_db: None) -> Any:
    """Bytes measured and billed, an engine beside its gateway, and a fit that was proposed."""
    made = small_fleet()
    Service.objects.update(runtime="vllm")
    devices_hour(made, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 2}])
    end = HOUR + timedelta(hours=1)
    charges = [
        line(1, "DataTransfer-Out-Bytes", "10", cost="0.90", start=HOUR, end=end),
        line(2, "DataTransfer-Regional-Bytes", "3", cost="0.03", start=HOUR, end=end),
    ]
    a_bill(made, *charges)
    sent(made, ("internet", "ns/chat-n1", 4 * GB), ("internet", "ns/other", 2 * GB))
    attribute_range(HOUR, end)
    record_engine(made, run(Engine(noise=0.05, headroom=4), steady_load(80)), START)
    propose_fits(start=START, end=START + timedelta(hours=80), proposed_by="ana", now=HOUR)
    record(made, "engine", [(HOUR, "ns/chat-n1", {"requests": 3, "output_tokens": 40})])
    yield made
    empty_facts()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_breaks_an_accessibility_rule(look: Any, fleet: Fleet, width: int, scheme: str) -> None:
    window = look(person("frida", "finance"), width, scheme)
    for name, address in (
        ("network", f"/network/?{DAY}"),
        ("network-empty", "/network/?from=2026-01-01&to=2026-01-02"),
        ("token-weights", "/token-weights/?from=2026-02-20&to=2026-03-04"),
        ("token-weights-empty", "/token-weights/?from=2025-01-01&to=2025-01-02"),
        ("reconciliation-engines", f"/reconciliation/?{DAY}"),
    ):
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []


def test_a_tenants_lead_finds_its_part_from_the_menu(look: Any, fleet: Fleet) -> None:
    window = look(person("lena", "tenant_lead", fleet.holding))
    page = window.go("/")
    page.get_by_role("link", name="Network and egress").click()
    page.wait_for_url("**/network/**")
    page.goto(f"{page.url.split('?')[0]}?{DAY}")
    page.get_by_text("Bytes on bills are for the roles finance").wait_for()
    page.get_by_role("region", name="Who bears it, table").wait_for()
    assert page.get_by_role("link", name="Token weights").count() == 0
    assert violations(page) == []


def test_the_shares_are_downloaded_by_keyboard(look: Any, fleet: Fleet) -> None:
    page = look(person("frida", "finance")).go(f"/network/?{DAY}")
    page.get_by_role("link", name="Download these rows as CSV").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "transfers-2026-03-04-2026-03-04.csv"
