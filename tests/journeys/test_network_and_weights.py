"""Bytes against bills, engines against gateways, and fitted weights, as people look at them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from attribution.models import Service, Source
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.interning import intern_models
from attribution.operations.propose_fits import propose_fits
from attribution.operations.record_usage import UsageRow, record_usage
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
# Tables that are wider than their boxes.
WIDE = """() => [...document.querySelectorAll('.scroll')]
    .filter(one => one.scrollWidth > one.clientWidth).map(one => one.ariaLabel)"""


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
    a_bill(
        made,
        *charges,
        line(3, "USE1-Fantasia9-input-tokens", "3", service_name="Amazon Bedrock", start=HOUR, end=end),
    )
    report = Source.objects.create(name="report", kind="openai")
    (model,) = intern_models(["gpt-4.1"])
    rows = [UsageRow(HOUR, 0, 0, model, "unfinished", 12, output_tokens=700)]
    record_usage(source_id=report.pk, cluster_id=0, level="provider", rows=rows, replace_hours=(HOUR, end))
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
        ("reconciliation-empty", "/reconciliation/?from=2026-01-01&to=2026-01-02"),
    ):
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []


def test_no_column_is_pushed_out_of_sight_on_a_laptop(look: Any, fleet: Fleet) -> None:
    window = look(person("frida", "finance"), 1280)
    for address in (f"/network/?{DAY}", f"/reconciliation/?{DAY}"):
        page = window.go(address)
        settle(page)
        assert page.evaluate(WIDE) == [], address


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


def test_finance_reads_what_a_provider_counted_beside_the_gateway(look: Any, fleet: Fleet) -> None:
    window = look(person("frida", "finance"))
    page = window.go(f"/reconciliation/?{DAY}")
    counted = page.get_by_role("region", name="Providers against gateways, table")
    words = " ".join(counted.inner_text().split())
    assert "gpt-4-1 report Requests outcome unknown 12 – –" in words
    assert "gpt-4-1 report Output tokens 700 – –" in words
    unknown = page.get_by_role("region", name="Meters without a known model, table")
    assert "USE1-Fantasia9-input-tokens" in unknown.inner_text()
    page.get_by_text("add the meter to attribution/domain/tables/models.toml").wait_for()
    with page.expect_download() as download:
        page.locator("section[aria-labelledby=providers]").get_by_role("link", name="Download").press("Enter")
    assert "gpt-4-1,requests,12" in Path(download.value.path()).read_text()


def test_the_rest_of_the_page_stands_where_provider_totals_fail(
    look: Any, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault in a test")

    monkeypatch.setattr("portal.reconciliation.views.provider_residuals", broken)
    page = look(person("frida", "finance")).go(f"/reconciliation/?{DAY}")
    page.get_by_text("Provider totals could not be loaded").wait_for()
    page.get_by_role("region", name="Meters without a known model, table").wait_for()
    assert violations(page) == []


def test_the_shares_are_downloaded_by_keyboard(look: Any, fleet: Fleet) -> None:
    page = look(person("frida", "finance")).go(f"/network/?{DAY}")
    page.get_by_role("link", name="Download these rows as CSV").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "transfers-2026-03-04-2026-03-04.csv"
