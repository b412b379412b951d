"""From a figure of the overview to its explanation and to its hour, as people meet them."""

from datetime import timedelta
from typing import Any

import pytest

from attribution.operations.attribute_windows import attribute_range
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, settle
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour
from tests.support.scene import Scene, bill_of, person, scene
from tests.support.slices import Part, parts_hour

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
# Figures that their box hides a part of.
CUT = """() => [...document.querySelectorAll('.kpi dd')]
    .filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"""
EXPLAIN = "/explain/?from=2026-03-01&to=2026-03-10&since=2026-01-01"


@pytest.fixture
def made(transactional_db: None) -> Any:
    made = scene()
    bill_of(made)
    price(made.fleet, 6 * 10**9)
    hour = HOUR + timedelta(hours=1)  # the scene has published noon
    devices_hour(made.fleet, hour, {"n1": {"busy": [0.5] * 40 + [0.0] * 20}, "n2": {"pod": None}})
    requests_hour(made.fleet, hour, [{"tenant": "checkout", "requests": 2, "duration_us": 20}])
    attribute_range(hour, hour + timedelta(hours=1))
    cut = HOUR + timedelta(hours=3)
    slices = [Part("n1", "chat-1", 1, 3, 7), Part("n1", "chat-2", 2, 1, 7)]
    parts_hour(made.fleet, cut, [*slices, Part("n2", "chat-3"), Part("n2", "batch-1")])
    attribute_range(cut, cut + timedelta(hours=1))
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
    hour = f"/explain/hour/?cluster={made.fleet.cluster.pk}&hour=2026-03-04T11:00:00Z"
    empty = "/explain/?from=2027-01-01&to=2027-01-02"
    slices = hour.replace("T11", "T13")
    pages = {"explain": EXPLAIN, "explain-hour": hour, "explain-slices": slices, "explain-empty": empty}
    for name, address in pages.items():
        page = window.go(address)
        settle(page)
        screenshot(page, f"{name}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
        assert page.evaluate(CUT) == [], name
    assert window.complaints == []


def test_a_headline_leads_to_its_hour(look: Any, made: Scene, finance: Any) -> None:
    page = look(finance).go("/?from=2026-03-01&to=2026-03-10")
    settle(page)
    page.locator(".kpi", has_text="Total cost").get_by_role("link").click()
    page.wait_for_url("**/explain/?**")
    page.get_by_role("heading", name="Explain this number").wait_for()
    page.get_by_role("region", name="Cost pools, table").get_by_role(
        "link", name="4 Mar 2026 11:00 UTC"
    ).click()
    page.wait_for_url("**/explain/hour/?**")
    page.get_by_role("img", name="40 min serving, 20 min without work").wait_for()


# Of the tables with figures of nine digits: their names, and what is scrolled or ends outside of the screen.
NINE_DIGITS = """() => {
    const boxes = [...document.querySelectorAll('.scroll')].filter(one => /[.][0-9]{9}/.test(one.innerText));
    const outside = one => {
        const text = document.createRange();
        text.selectNodeContents(one);
        const box = text.getBoundingClientRect();
        return box.left < 0 || box.right > innerWidth;
    };
    const name = one => one.getAttribute('aria-label');
    return [boxes.map(name), [
        ...boxes.filter(one => one.scrollWidth > one.clientWidth).map(name),
        ...boxes.flatMap(one => [...one.querySelectorAll('td')]).filter(outside).map(one => one.innerText)]];
}"""
NAMED = """() => getComputedStyle(document.querySelector('td.num'), '::before').content"""


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_all_digits_of_a_figure_are_there_without_scrolling(
    look: Any, made: Scene, finance: Any, width: int
) -> None:
    window = look(finance, width)
    hour = f"/explain/hour/?cluster={made.fleet.cluster.pk}&hour=2026-03-04T11:00:00Z"
    for address in (EXPLAIN, hour, "/reconciliation/?from=2026-01-01&to=2026-01-31"):
        page = window.go(address)
        settle(page)
        tables, hidden = page.evaluate(NINE_DIGITS)
        assert tables, address
        assert hidden == [], address
        assert page.evaluate(NAMED).startswith('"'), address
    assert window.complaints == []


def test_a_row_that_stands_upright_is_still_a_row_of_a_table_to_who_hears_it(
    look: Any, made: Scene, finance: Any
) -> None:
    page = look(finance, 390).go(EXPLAIN)
    settle(page)
    heard = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [one["role"]["value"] for one in heard if not one["ignored"]]
    drawn = page.locator(".upright table").count()
    assert drawn > 3
    assert (roles.count("table"), roles.count("row")) == (drawn, page.locator(".upright tr").count())
    assert roles.count("columnheader") == page.locator(".upright thead th").count()
    cells = roles.count("cell") + roles.count("gridcell")
    assert cells == page.locator(".upright td:not(:empty)").count()
