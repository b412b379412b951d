"""Explaining says of each month whether it is closed, and which closing's versions are shown."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from attribution.queries.periods import period
from tests.support.periods import MARCH, close, reopen
from tests.support.scene import Scene, person, publish_day, scene

pytestmark = pytest.mark.django_db
PAGE = "/explain/?from=2026-03-01&to=2026-03-10"
API = "/api/v1/explain?from=2026-03-01&to=2026-03-11"


@pytest.fixture
def made() -> Scene:
    return scene()


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(person("frida", "finance"))
    return client


def tags(response: Any) -> list[str]:
    """The words of the tags beside the heading."""
    assert response.status_code == 200
    title = response.content.decode().partition('<div class="page-title">')[2].partition("</div>")[0]
    return [unescape(text) for text in re.findall(r'<span class="tag[^"]*">([^<]+)</span>', title)]


def months(client: Client, address: str = API) -> Any:
    return client.get(address).json()["months"]


def test_a_figure_of_an_open_month_says_as_of_when(made: Scene, finance: Client) -> None:
    (tag,) = tags(finance.get(PAGE))
    assert tag.startswith("open, as of ")
    (month,) = months(finance)
    assert (month["month"], month["state"], month["closing"]) == ("2026-03", "open", None)
    assert month["as_of"]


def test_a_figure_of_a_closed_month_names_the_closing_and_its_hash(made: Scene, finance: Client) -> None:
    closing = close().closings[-1]
    kept = (closing.content_hash or b"").hex()
    assert tags(finance.get(PAGE)) == [f"closed, closing {closing.id}, {kept[:12]}"]
    (month,) = months(finance)
    assert (month["state"], month["closing"], month["content_hash"]) == ("closed", closing.id, kept)


def test_a_permalink_of_a_closing_names_it_after_the_month_was_opened_and_closed_again(
    made: Scene, finance: Client
) -> None:
    first = close().closings[-1]
    link = finance.get(API).json()["permalink"]
    reopen()
    (month,) = months(finance, link)
    assert (month["state"], month["closing"]) == ("open", first.id)
    publish_day(made, 3, 5)
    second = close().closings[-1]
    assert months(finance, link)[0]["closing"] == first.id
    assert months(finance)[0]["closing"] == second.id
    assert period(MARCH).closings == (first, second)


def test_versions_that_no_closing_closed_are_of_none(made: Scene, finance: Client) -> None:
    link = finance.get(API).json()["permalink"]
    publish_day(made, 3, 5)
    close()
    (month,) = months(finance, link)
    assert (month["state"], month["closing"]) == ("closed", None)


def test_of_several_months_each_is_told(made: Scene, finance: Client) -> None:
    close()
    several = "/explain/?from=2026-02-01&to=2026-03-31"
    february, march = tags(finance.get(several))
    assert february.startswith("February 2026 open, as of ")
    assert march.startswith("March 2026 closed, closing ")
    assert tags(finance.get(several.replace("02-01", "01-01"))) == ["1 of 3 months closed"]


def test_a_tenants_reader_sees_that_it_is_closed_and_no_step(made: Scene, client: Client) -> None:
    close()
    client.force_login(person("lena", "tenant_lead", made.tenants["search"]))
    assert tags(client.get(PAGE)) == ["closed"]
    (month,) = months(client)
    assert (month["state"], month["closing"], month["content_hash"]) == ("closed", None, None)


def test_a_day_without_anything_and_an_unknown_address_have_no_figure(made: Scene, finance: Client) -> None:
    assert tags(finance.get("/explain/?from=2027-01-01&to=2027-01-02")) == ["open"]
    assert finance.get(f"{PAGE}&tenant=nobody").status_code == 400
