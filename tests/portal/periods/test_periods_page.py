"""The pages of periods, and the same over REST."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.periods import period
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.people import signed_in, somebody
from tests.support.periods import MARCH, close

pytestmark = pytest.mark.django_db
PAGE = "/periods/2026-03/"


@pytest.fixture
def fleet() -> Any:
    """An hour of March, attributed."""
    made = small_fleet()
    price(made, 10**9)
    devices_hour(made, HOUR, {"n1": {"busy": 0.5}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    return made


def client(name: str, role: str) -> Client:
    return signed_in(somebody(name, role))


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_two_people_of_finance_close_a_month(fleet: Any) -> None:
    frida, fritz = client("frida", "finance"), client("fritz", "finance")
    assert "Ask to close March 2026" in text(frida.get(PAGE))
    assert "March 2026 is in review" in text(frida.post(f"{PAGE}request-close/", follow=True))
    assert "You asked for this step" in text(frida.get(PAGE))
    said = text(frida.post(f"{PAGE}confirm-close/", follow=True))
    assert "somebody else has to confirm" in said
    assert "close asked for by frida" in text(fritz.get("/periods/"))
    said = text(fritz.post(f"{PAGE}confirm-close/", follow=True))
    assert "March 2026 is closed" in said
    assert (period(MARCH).closings[-1].content_hash or b"").hex() in said
    assert "Ask to reopen" in said


def test_a_rejection_needs_words(fleet: Any) -> None:
    frida, fritz = client("frida", "finance"), client("fritz", "finance")
    frida.post(f"{PAGE}request-close/")
    assert "a reason is needed" in text(fritz.post(f"{PAGE}reject-close/", follow=True))
    said = text(fritz.post(f"{PAGE}reject-close/", {"words": "egress <b>looks</b> odd"}, follow=True))
    assert "egress &lt;b&gt;looks&lt;/b&gt; odd" in said
    assert period(MARCH).state == "open"


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_others_see_the_state_and_the_role_that_is_needed(fleet: Any, role: str) -> None:
    other = client("otto", role)
    said = text(other.get(PAGE))
    assert "It needs the role finance" in said
    assert "Ask to close" not in said
    assert other.post(f"{PAGE}request-close/").status_code == 403
    assert period(MARCH).state == "open"


def test_tenants_and_analysts_are_refused(fleet: Any) -> None:
    from attribution.models import Tenant

    lead = signed_in(somebody("lena", ("tenant_lead", Tenant.objects.first())))
    for each in (lead, client("aiko", "analyst")):
        for address in ("/periods/", PAGE, "/api/v1/periods"):
            assert each.get(address).status_code == 403
        assert each.post(f"{PAGE}request-close/").status_code == 403


def test_what_does_not_exist_is_not_there(fleet: Any) -> None:
    frida = client("frida", "finance")
    assert frida.get("/periods/march/").status_code == 404
    assert frida.post(f"{PAGE}burn/").status_code == 404
    assert frida.get(f"{PAGE}request-close/").status_code == 405


def test_without_a_ledger_the_page_says_so() -> None:
    assert "No month has a ledger yet" in text(client("frida", "finance").get("/periods/"))


def test_adjustments_say_what_they_correct_on_the_page_and_over_rest(fleet: Any) -> None:
    close()
    requests_hour(fleet, HOUR, [{"tenant": "b", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    frida = client("frida", "finance")
    said = text(frida.get(PAGE))
    assert "March 2026 April 2026 Accelerators Serving 1 0 USD" in said
    assert "4 Mar 2026 10:00 UTC version 1 c1/a100 Serving Accelerators b chat 1.000000000 USD" in said
    rows = {row["month"]: row for row in frida.get("/api/v1/periods").json()["rows"]}
    assert rows["2026-03"]["state"] == "closed"
    assert rows["2026-03"]["adjustments"][0] | {"hours": 1} == {
        "corrects": "2026-03", "posted_to": "2026-04", "kind": "accelerator", "use": "serving",
        "currency": "USD", "amount": "0.000000000", "hours": 1,
    }  # fmt: skip
    assert len(rows["2026-03"]["steps"][0]["content_hash"]) == 64
    answer: Any = frida.get("/api/v1/costs?from=2026-03-01&to=2026-05-01&group_by=day,use")
    costs = json.loads(b"".join(answer.streaming_content))
    assert costs["periods"] == [
        {"month": "2026-03", "state": "closed"},
        {"month": "2026-04", "state": "open"},
    ]
    assert {(row["day"], row["status"]) for row in costs["rows"]} >= {("2026-03-04", "closed")}
    assert "adjustment" in {row["use"] for row in costs["rows"]}


def test_the_overview_says_that_a_month_is_closed(fleet: Any) -> None:
    close()
    said = text(client("frida", "finance").get("/?from=2026-03-01&to=2026-03-31"))
    assert "closed" in said
