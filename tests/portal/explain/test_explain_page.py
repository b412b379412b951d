"""The page that explains a figure, in every state; and that of one hour."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from attribution.operations.attribute_windows import attribute_range
from portal.explain import views
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.scene import bill_of, person, publish_day, scene

pytestmark = pytest.mark.django_db
MARCH = "/explain/?from=2026-03-01&to=2026-03-10"


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(person("frida", "finance"))
    return client


def text(response: Any, status: int = 200) -> str:
    """The words of a page."""
    assert response.status_code == status
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def test_a_cost_is_shown_with_every_digit_and_its_formula(finance: Client) -> None:
    scene()
    page = text(finance.get(f"{MARCH}&tenant=search"))
    assert "sum(lines)" in page
    assert re.search(r"Cost 2\d\d\.\d{9} USD", page), page
    assert "by work, by default" in page
    assert "largest remainder moved" in page


def test_the_figures_of_the_overviews_table_lead_here_and_are_the_same(finance: Client) -> None:
    scene()
    overview = finance.get("/?from=2026-03-01&to=2026-03-10&compare=none").content.decode()
    links = [unescape(link) for link in re.findall(r'<td class="num"><a href="(/explain/[^"]+)">', overview)]
    shown = re.findall(r'<td class="num"><a href="/explain/[^"]+">([\d,.]+)</a>', overview)
    assert len(links) == len(shown) == 4
    for link, cost in zip(links, shown, strict=True):
        page = text(finance.get(link))
        exact = re.search(r"Cost ([\d,]+\.\d{9}) USD", page)
        assert exact, link
        said, told = (float(value.replace(",", "")) for value in (exact[1], cost))
        assert abs(said - told) <= 0.01


def test_headlines_lead_here_and_are_the_same(finance: Client) -> None:
    scene()
    overview = finance.get("/?from=2026-03-01&to=2026-03-10&compare=none").content.decode()
    links = [unescape(link) for link in re.findall(r'<dd><a href="(/explain/[^"]+)">', overview)]
    assert {re.findall(r"figure=(\w+)", link)[0] for link in links} == {
        "cost_per_success", "cost", "idle_share", "utilization", "unallocated_share",
    }  # fmt: skip
    percents = dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd><a [^>]+>([\d.]+)%</a>", overview))
    for label, figure in (
        ("Idle and reserve", "idle_share"),
        ("GPU utilization", "utilization"),
        ("Unallocated", "unallocated_share"),
    ):
        page = text(finance.get(next(link for link in links if f"figure={figure}" in link)))
        exact = re.search(rf"{label} ([\d.]+)%", page)
        assert exact, figure
        assert round(float(exact[1]), 1) == float(percents[label])


def test_what_changed_since_a_day_is_told_in_terms(finance: Client) -> None:
    made = scene()
    publish_day(made, 3, 5)
    page = text(finance.get(f"{MARCH}&since=2026-01-01"))
    assert "What changed" in page
    assert "Volume" in page
    assert "Late data" in page
    assert "needs a day such as" in text(finance.get(f"{MARCH}&since=tuesday"))


def test_a_permalink_says_that_it_is_of_a_past_moment(finance: Client) -> None:
    made = scene()
    page = finance.get(f"{MARCH}&tenant=search")
    link = unescape(re.findall(r'href="(/explain/\?[^"]*pin=[^"]+)"', page.content.decode())[0])
    cost = re.search(r"Cost ([\d,.]+) USD", text(page))
    publish_day(made, 3, 11)
    made.tenants.pop("checkout")
    publish_day(made, 3, 5)
    later = text(finance.get(link))
    assert cost
    assert f"Cost {cost[1]} USD" in later
    assert "As it stood at a past moment" in later
    assert "Complete through" not in later
    assert f"Cost {cost[1]} USD" not in text(finance.get(f"{MARCH}&tenant=search"))
    assert "not the ones that it was made of" in text(finance.get(link.replace("pin=", "pin=0")))


def test_evidence_comes_in_pages(finance: Client) -> None:
    scene()
    first = finance.get(MARCH).content.decode()
    following = [unescape(link) for link in re.findall(r'rel="next" href="([^"]+)"', first)]
    assert len(following) == 2
    second = text(finance.get(f"/explain/{following[1].partition('#')[0]}"))
    assert "Previous" in second


def test_empty_days_say_where_to_look(finance: Client) -> None:
    scene()
    assert "Nothing is attributed in these days" in text(
        finance.get("/explain/?from=2027-01-01&to=2027-01-02")
    )


@pytest.mark.parametrize("query", ["tenant=nobody", "figure=luck", "currency=dollars", "seen=x"])
def test_what_there_is_not_is_said(finance: Client, query: str) -> None:
    scene()
    assert "There is no such figure" in text(finance.get(f"{MARCH}&{query}"), 400)


@pytest.mark.parametrize("days", ["from=2026-03-xx&to=2026-03-10", "from=2026-03-10&to=2026-03-01"])
def test_days_that_cannot_be_read_show_no_figure_of_other_days(finance: Client, days: str) -> None:
    scene()
    page = text(finance.get(f"/explain/?{days}"), 400)
    assert "These days cannot be explained" in page
    assert "How it was made" not in page


def test_what_has_no_quantity_has_no_unit(finance: Client) -> None:
    scene()
    page = text(finance.get(f"{MARCH}&tenant=search"))
    assert "device-minutes" in page
    assert "– device-minutes" not in page


def test_it_says_through_when_the_data_is_complete(finance: Client) -> None:
    scene()
    assert "Complete through" in text(finance.get(MARCH))


def test_a_failure_shows_no_figure(finance: Client, monkeypatch: Any) -> None:
    scene()

    def broken(_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(views, "explain", broken)
    page = text(finance.get(MARCH))
    assert "No figure is shown rather than a wrong one" in page
    assert "Request" in page


def test_a_tenants_reader_sees_its_own_and_a_foreign_name_is_like_an_absent_one(client: Client) -> None:
    made = scene()
    client.force_login(person("lena", "tenant_lead", made.tenants["search"]))
    page = text(client.get(MARCH))
    assert "checkout" not in page
    assert "Whole pool" not in page
    foreign, absent = (client.get(f"{MARCH}&tenant={name}") for name in ("checkout", "no-such"))
    assert (foreign.status_code, absent.status_code) == (400, 400)

    def plain_of(response: Any, name: str) -> str:
        return re.sub(r"Request \w+", "", text(response, 400)).replace(name, "NAME")

    assert plain_of(foreign, "checkout") == plain_of(absent, "no-such")
    assert client.get(f"{MARCH}&figure=utilization").status_code == 403
    assert client.get("/explain/hour/?cluster=1&hour=2026-03-05T12:00:00Z").status_code == 403


def test_nobody_without_a_role(client: Client) -> None:
    assert client.get(MARCH).status_code == 302
    from django.contrib.auth import get_user_model

    client.force_login(get_user_model().objects.create_user("nobody"))
    assert client.get(MARCH).status_code == 403


def test_an_hour_shows_its_split_and_its_devices(finance: Client) -> None:
    fleet = small_fleet()
    price(fleet, 6 * 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": [0.5] * 40 + [0.0] * 20}, "n2": {"pod": None}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 20}])
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    page = text(finance.get(f"/explain/hour/?cluster={fleet.cluster.pk}&hour=2026-03-04T10:00:00Z&version=1"))
    assert "the same lines, to the nano-unit" in page
    assert "40 min serving, 20 min without work" in page
    assert "The whole pool 12.000000000" in page


def test_an_hour_of_a_bill_shows_its_rows(finance: Client) -> None:
    made = scene()
    bill_of(made)
    cluster = made.fleet.cluster.pk
    page = text(finance.get(f"/explain/hour/?cluster={cluster}&hour=2026-01-15T12:00:00Z"))
    assert "bill.csv, line 2 gpu-silent-7" in page
    assert "32.772600000100000000" in page


def test_an_hour_that_is_none_is_not_found(finance: Client) -> None:
    scene()
    for query in ("", "cluster=1&hour=x", "cluster=999&hour=2026-03-05T12:00:00Z"):
        assert "There is no such hour" in text(finance.get(f"/explain/hour/?{query}"), 404)
