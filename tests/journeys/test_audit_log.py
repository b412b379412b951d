"""An auditor asks the log who changed a price, sees old and new, and takes the sheet along."""

from typing import Any

import pytest
from django.core.management import call_command

from attribution.models import Organization, Price, PriceBook, Tenant
from portal.audit.actor import Actor
from portal.audit.telling import acting_as
from portal.audit_log import views
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.fleet import small_fleet
from tests.support.scene import person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
FRIDA = Actor("user:frida", "manage.py apply", "0123456789ab")


@pytest.fixture
def changed(transactional_db: None, settings: Any, tmp_path: Any) -> Any:
    settings.AUDIT_ANCHORS = [tmp_path / "anchors.jsonl"]
    with acting_as(FRIDA):
        fleet = small_fleet()
        book = PriceBook.objects.create(name="Contract 2026", currency="USD")
        price = Price.objects.create(book=book, pool=fleet.pool, rate_nano=2_500_000_000, valid=(None, None))
        Price.objects.filter(pk=price.pk).update(rate_nano=2_750_000_000)
        Tenant.objects.filter(name="holding").update(owner="<b>Frida</b> " + "x" * 120)
    call_command("anchor_audit")
    call_command("verify_audit")
    yield price
    empty_facts()


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_breaks_an_accessibility_rule(look: Any, changed: Any, width: int, scheme: str) -> None:
    window = look(person("aude", "auditor"), width, scheme)
    for name, address in (
        ("log", "/audit/"),
        ("none", "/audit/?actor=nobody-of-this-name"),
        ("wrong", "/audit/?from=2026-03-10&to=2026-03-01"),
    ):
        page = window.go(address)
        settle(page)
        screenshot(page, f"audit-{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    page = window.go("/audit/?object=price&kind=row_changed")
    page.get_by_role("region", name="Events, table").get_by_role("link").first.click()
    page.get_by_role("heading", name="Changed: price").wait_for()
    screenshot(page, f"audit-event-{scheme}-{width}")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert window.complaints == []


def test_an_auditor_finds_who_changed_a_price_by_keyboard(look: Any, changed: Any) -> None:
    window = look(person("aude", "auditor"))
    page = window.go("/")
    page.get_by_role("link", name="Audit trail").press("Enter")
    page.wait_for_url("**/audit/")
    page.get_by_role("combobox", name="Of what").select_option("price")
    page.get_by_role("combobox", name="What", exact=True).select_option("row_changed")
    page.get_by_label("Who").fill("frida")
    page.get_by_role("button", name="Apply").press("Enter")
    page.wait_for_url("**object=price**")
    row = page.get_by_role("region", name="Events, table").get_by_role("row").nth(1)
    assert "frida" in row.inner_text()
    assert "rate nano" in row.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").press("Enter")
    assert download.value.suggested_filename == "audit.csv"
    row.get_by_role("link").press("Enter")
    table = page.get_by_role("region", name="Old and new, table")
    table.wait_for()
    assert "2500000000" in table.inner_text()
    assert "2750000000" in table.inner_text()
    page.go_back()
    page.wait_for_url("**object=price**")
    assert window.complaints == []


def test_events_that_cannot_be_loaded_and_somebody_who_may_not(
    look: Any, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such luck")

    page = look(person("mia", "tenant_member", Tenant.objects.get(name="holding"))).go("/audit/")
    page.get_by_role("heading", name="You may not see this").wait_for()
    assert violations(page) == []
    monkeypatch.setattr(views, "events_page", broken)
    page = look(person("otto", "operator")).go("/audit/")
    page.get_by_text("The events could not be loaded").wait_for()
    screenshot(page, "audit-error")
    assert violations(page) == []


def test_an_empty_stretch_of_days_says_so(look: Any, transactional_db: None) -> None:
    Organization.objects.get_or_create(pk=1)
    page = look(person("aude", "auditor")).go("/audit/?from=2020-01-01&to=2020-01-02")
    page.get_by_text("Nothing happened in these days").wait_for()
    screenshot(page, "audit-empty")
    assert violations(page) == []
