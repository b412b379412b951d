"""Every component in every state, as a person and as a screen reader meet it."""

import gzip
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from portal.charts.labels import label
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


def test_filters_refresh_the_page_in_place_and_the_chart_is_drawn_again(look: Any, staff: Any) -> None:
    window = look(staff)
    page = window.go("/gallery/")
    settle(page)
    page.evaluate("() => { window.sameDocument = true; }")
    page.get_by_label("Group by").select_option("service")
    page.get_by_role("button", name="Apply").first.click()
    page.wait_for_url("**/gallery/?*group=service*")
    settle(page)
    assert page.evaluate("() => window.sameDocument")
    assert page.locator("main").count() == 1
    assert page.locator("[data-figure] .trace.bars").count() == 6
    assert window.complaints == []


def test_a_name_with_markup_is_drawn_as_it_stands(look: Any, staff: Any) -> None:
    page = look(staff).go("/gallery/")
    settle(page)
    name = "<b>R&D</b> <a href='x'>%{y} {z}"
    page.evaluate(
        "([name, text]) => { const chart = document.querySelector('[data-figure]');"
        " return Plotly.restyle(chart, {name: [name], customdata: [Array(22).fill(text)]}, [0]); }",
        [label(name), label(name)],
    )
    page.locator("[data-figure] .nsewdrag").hover()
    page.locator("[data-figure] .hoverlayer text").first.wait_for()
    said = page.locator("[data-figure] .hoverlayer").text_content() or ""
    assert said.count(name) == 2, said
    assert page.locator("[data-figure] .hoverlayer a").count() == 0


def test_the_chart_can_be_read_as_a_table_by_keyboard(look: Any, staff: Any) -> None:
    page = look(staff).go("/gallery/")
    page.locator(".as-table > summary").focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="Daily cost, table")
    table.wait_for()
    assert table.get_by_role("row").count() == 24
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Daily cost, table"


def test_on_paper_the_frame_is_gone_and_the_sheet_is_white(look: Any, staff: Any) -> None:
    page = look(staff, 1440, "dark").go("/gallery/")
    settle(page)
    page.emulate_media(media="print")
    assert not page.locator(".side").is_visible()
    assert not page.get_by_role("button", name="Copy link").is_visible()
    assert (
        page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    screenshot(page, "gallery-print")


def test_the_first_view_is_light(look: Any, staff: Any) -> None:
    """At most ten requests and 90 KB, as compressed on the way, before the chart library is fetched."""
    window = look(staff)
    fetched: dict[str, int] = {}

    def weigh(response: Any) -> None:
        body = response.body()
        packed = body if response.url.endswith(".woff2") else gzip.compress(body)
        fetched[response.url.split("/")[-1]] = len(packed)

    window.page.on("response", lambda r: None if "plotly" in r.url or "icon.svg" in r.url else weigh(r))
    # Its event is handled some moments after the page has loaded, later on a busy machine.
    with window.page.expect_response(lambda response: "htmx.min.js" in response.url):
        window.go("/gallery/")
    settle(window.page)
    assert "htmx.min.js" in fetched
    assert len(fetched) <= 10, fetched
    assert sum(fetched.values()) <= 90_000, fetched
