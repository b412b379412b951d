"""The pages of periods, and the same over REST."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from attribution.models import Source
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.periods.export import export_month
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.periods import period
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.people import signed_in, somebody
from tests.support.periods import LATER, MARCH, close

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


ASK = "/approvals/new/period_close/"


def ask(who: Client, deed: str = "close", **fields: str) -> str:
    """As the form on the month's page does; the address of the change."""
    response = who.post(f"/approvals/new/period_{deed}/", {"period": "2026-03", **fields})
    assert response.status_code == 302, text(response)
    return str(response["Location"])


def decide(who: Client, address: str, decision: str = "approve", **fields: str) -> str:
    seen = re.search(r'name="seen" value="(\w+)"', who.get(address).content.decode())
    sent = {"decision": decision, "seen": seen[1] if seen else "", **fields}
    return text(who.post(f"{address}decide/", sent, follow=True))


def test_two_people_of_finance_close_a_month_and_open_it(fleet: Any) -> None:
    frida, fritz = client("frida", "finance"), client("fritz", "finance")
    assert "Ask to close March 2026" in text(frida.get(PAGE))
    change = ask(frida)
    said = frida.get(PAGE)
    assert "You asked for this; somebody else has to agree" in text(said)
    assert f'href="{change}"' in said.content.decode()
    assert "somebody else has to decide" in decide(frida, change)
    assert "close asked for by frida" in text(fritz.get("/periods/"))
    assert "Close March 2026" in text(fritz.get("/approvals/"))
    said = fritz.get(change)
    assert 'href="/periods/2026-03/"' in said.content.decode()
    assert "All hours attributed" in text(said)
    assert "What the month costs" in text(said)
    said = decide(fritz, change)
    assert "is carried out" in said
    kept = (period(MARCH).closings[-1].content_hash or b"").hex()
    assert kept in said
    assert kept in text(frida.get(PAGE))
    change = ask(fritz, "reopen", why="a late invoice")
    assert "fritz asked to reopen this month" in text(frida.get(PAGE))
    assert "a late invoice" in text(frida.get(change))
    decide(frida, change)
    assert period(MARCH).state == "open"
    assert "somebody" not in text(frida.get(PAGE))


def test_a_month_that_fails_meanwhile_says_why_and_is_open(fleet: Any) -> None:
    frida, fritz = client("frida", "finance"), client("fritz", "finance")
    change = ask(frida)
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 9}])
    said = decide(fritz, change)
    assert "2 windows wait for attribution" in said
    assert "it was taken back" in said
    assert period(MARCH).state == "open"
    response = frida.post(ASK, {"period": "2026-03"})
    assert response.status_code == 422
    assert "2 windows wait for attribution" in response.content.decode()


def test_a_rejection_needs_words(fleet: Any) -> None:
    frida, fritz = client("frida", "finance"), client("fritz", "finance")
    change = ask(frida)
    assert "A rejection needs words" in decide(fritz, change, "reject")
    decide(fritz, change, "reject", words="egress <b>looks</b> odd")
    assert "egress &lt;b&gt;looks&lt;/b&gt; odd" in text(fritz.get(PAGE))
    assert period(MARCH).state == "open"


def test_asking_and_agreeing_ask_again_who_it_is(fleet: Any) -> None:
    frida, fritz = somebody("frida", "finance"), somebody("fritz", "finance")
    response = signed_in(frida, ago=3600).post(ASK, {"period": "2026-03"})
    assert response["Location"].startswith("/account/confirm/")
    assert period(MARCH).state == "open"
    change = ask(signed_in(frida))
    response = signed_in(fritz, ago=3600).post(f"{change}decide/", {"decision": "approve"})
    assert response["Location"].startswith("/account/confirm/")
    assert period(MARCH).state == "in_review"


def test_the_same_over_rest(fleet: Any) -> None:
    """A change that a program of Frida's asks for is the same change, and no program agrees to it."""
    frida = client("frida", "finance")
    body = {"kind": "period_close", "title": "Close", "why": "It is over", "plan": {"period": "2026-03"}}
    made = frida.post("/api/v1/change-requests", body, "application/json", headers={"Idempotency-Key": "1"})
    assert made.status_code == 201, made.content
    assert period(MARCH).state == "in_review"
    rows = frida.get("/api/v1/periods").json()["rows"]
    assert [step["change"] for step in rows[0]["steps"]] == [made.json()["id"]]


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_others_see_the_state_and_the_role_that_is_needed(fleet: Any, role: str) -> None:
    other = client("otto", role)
    said = text(other.get(PAGE))
    assert "It needs the role finance" in said
    assert "Ask to close" not in said
    assert other.post(ASK, {"period": "2026-03"}).status_code in (403, 422)
    assert period(MARCH).state == "open"


def test_tenants_and_analysts_are_refused(fleet: Any) -> None:
    from attribution.models import Tenant

    lead = signed_in(somebody("lena", ("tenant_lead", Tenant.objects.first())))
    for each in (lead, client("aiko", "analyst")):
        for address in ("/periods/", PAGE, "/api/v1/periods"):
            assert each.get(address).status_code == 403
        assert each.post(ASK, {"period": "2026-03"}).status_code in (403, 404)


def test_what_does_not_exist_is_not_there(fleet: Any) -> None:
    frida = client("frida", "finance")
    assert frida.get("/periods/march/").status_code == 404
    assert frida.post(f"{PAGE}confirm-close/").status_code == 404
    assert frida.post(ASK, {"period": "march"}).status_code == 422


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
        "currency": "USD", "amount": "0.000000000", "hours": 1, "change": None,
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


def test_a_month_says_whether_it_was_exported(fleet: Any, tmp_path: Any) -> None:
    close()
    frida = client("frida", "finance")
    assert "Not exported yet" in text(frida.get(PAGE))
    done = export_month(MARCH, folder=tmp_path, by="otto", now=LATER)
    said = text(frida.get(PAGE))
    assert f"20 May 2026 09:00 UTC by otto, to {tmp_path}" in said
    assert done.manifest_sha256.hex() in said
    rows = {row["month"]: row for row in frida.get("/api/v1/periods").json()["rows"]}
    assert rows["2026-03"]["exported_at"] == "2026-05-20T09:00:00Z"


def test_closing_is_only_offered_where_it_can_be_asked_for(fleet: Any) -> None:
    frida = client("frida", "finance")
    assert "Ask to close" in text(frida.get(PAGE))
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 9}])
    said = text(frida.get(PAGE))
    assert "Ask to close" not in said
    assert "It can be asked for when the conditions above hold" in said


def test_the_overview_says_that_a_month_is_closed(fleet: Any) -> None:
    close()
    said = text(client("frida", "finance").get("/?from=2026-03-01&to=2026-03-31"))
    assert "closed" in said


@pytest.fixture
def dropped(transactional_db: None, tmp_path: Path) -> Iterator[Any]:
    """March is closed, exported and dropped, and then its bill comes."""
    made = small_fleet()
    price(made, 10**9)
    devices_hour(made, HOUR, {"n1": {"busy": 0.5}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    close()
    export_month(MARCH, folder=tmp_path, by="frida", now=LATER)
    call_command("drop_months", "--before", "2026-04", "--yes", stdout=StringIO())
    yield made
    empty_facts()


@pytest.mark.django_db(transaction=True)
def test_what_came_after_the_rows_were_dropped_is_to_be_seen(dropped: Any) -> None:
    frida = client("frida", "finance")
    said = text(frida.get(PAGE))
    assert "after their rows were dropped" not in said
    # What would be refused is not offered.
    assert "neither opened nor adjusted by people any more" in said
    assert "Ask to reopen" not in said
    assert "Ask for an adjustment" not in said
    assert "rows dropped" in text(frida.get("/periods/"))
    explained = text(frida.get("/explain/?from=2026-03-01&to=2026-03-31"))
    assert "Retention dropped the rows of these days" in explained
    # Not known here is not zero.
    assert "Cost – retention dropped rows of it: see the export of their month" in explained
    assert "nothing of it is priced" not in explained
    assert "hours retention dropped their rows: what they said is in the export of their month 2" in explained
    amount, first = Decimal("12.50"), HOUR.replace(day=1, hour=0)
    charge = Charge(
        1, "b.csv", 2, HOUR, HOUR.replace(hour=11), "USD", amount, amount, None, None,
        charge_category="Usage", resource_id="n1",
    )  # fmt: skip
    replace_bill(
        source_id=Source.objects.get(name="bills").pk, export="", period_start=first,
        period_end=first.replace(month=4), content_hash=b"1", charges=[charge], files=[], rejected=0,
        imported_at=LATER,
    )  # fmt: skip
    attribute_range(HOUR, HOUR.replace(hour=11))
    said = text(frida.get(PAGE))
    assert "Facts came for 1 hour of this month after their rows were dropped" in said
    assert "bills billing period 2026-03, version 1" in said
    assert "12.500000000 0 12.500000000 USD" in said
    assert "rows dropped; facts of 1 hour came later" in text(frida.get("/periods/"))
    said = text(frida.get("/reconciliation/?from=2026-03-01&to=2026-03-31"))
    assert "12.500000000 came after its rows were dropped" in said
    said = text(frida.get("/data-health/"))
    assert "Facts of dropped months" in said
    assert "bills: 12.500000000 USD" in said
    listed = StringIO()
    call_command("periods", stdout=listed)
    assert "rows dropped, facts of 1 dropped hours came later and are not posted" in listed.getvalue()
    (row,) = frida.get("/api/v1/periods").json()["rows"]
    assert row["dropped_at"]
    assert row["came_after_drop"]["bills"] == [
        {
            "source": "bills", "export": None, "version": 1, "currency": "USD", "says": "12.500000000",
            "told": "0.000000000", "not_posted": "12.500000000",
        }
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_figure_over_dropped_and_kept_hours_says_what_is_not_in_it(dropped: Any) -> None:
    april = HOUR.replace(month=4)
    devices_hour(dropped, april, {"n1": {"busy": 0.5}})
    attribute_range(april, april.replace(hour=11))
    frida, why = client("frida", "finance"), "retention dropped their rows"
    address = "/api/v1/explain?figure=cost&from=2026-03-01&pool=c1/a100&to="
    kept = frida.get(f"{address}2026-05-01").json()
    assert kept["value"] is not None
    left_out = {each["what"]: (each["why"].split(":")[0], each["rows"]) for each in kept["exclusions"]}
    # What the filters leave out is a difference to roll-ups that have March, so nothing is said of it.
    assert left_out == {"hours": (why, 2)}  # that of the cluster, and that of requests
    gone = frida.get(f"{address}2026-04-01").json()
    assert (gone["value"], gone["reason"]) == (
        None,
        "retention dropped rows of it: see the export of their month",
    )
    # Against nothing, all of April would be new: that is not said.
    changes = "/api/v1/explain/changes?from=2026-04-01&to=2026-05-01&base_from=2026-03-01&base_to=2026-04-01"
    refused = frida.get(changes)
    assert (refused.status_code, "the rows of 2 hours" in refused.json()["error"]) == (400, True)
    page = text(frida.get("/explain/?from=2026-03-01&to=2026-04-30&since=2026-04-01"))
    assert "What changed cannot be told: retention dropped the rows of" in page
    # Nor are its hours left out of an answer that would be read from rows.
    april_too = "from=2026-03-01&to=2026-05-01"
    for question in (
        f"costs?{april_too}&group_by=hour",
        f"costs?{april_too.replace('03-01', '03-01T05:00Z')}",
        f"unit-costs?{april_too.replace('03-01', '03-01T05:00Z')}",
        f"transfers?{april_too}",
        f"transfer-bytes?{april_too}",
        f"engine-residuals?{april_too}",
        f"provider-residuals?{april_too}",
    ):
        refused = frida.get(f"/api/v1/{question}")
        assert refused.status_code == 400, question
        assert "reaches hours of 2026-03, whose rows retention dropped" in refused.json()["error"], question
    with pytest.raises(CommandError, match="reaches hours of 2026-03"):
        call_command("costs", "--from", "2026-03-01", "--to", "2026-05-01", "--group-by", "hour")
    for page in ("reconciliation/?table=engines&", "network/?"):
        sheet = frida.get(f"/{page}from=2026-03-01&to=2026-03-31&format=csv")
        assert (sheet.status_code, "whose rows retention dropped" in sheet.content.decode()) == (400, True), (
            page
        )
        shown = text(frida.get(f"/{page.partition('?')[0]}?from=2026-03-01&to=2026-03-31"))
        assert "Retention dropped the rows of hours of March 2026: what they said is not in the" in shown, (
            page
        )
        assert "Retention" not in text(frida.get(f"/{page.partition('?')[0]}?from=2026-04-01&to=2026-04-30"))
    days: Any = frida.get(f"/api/v1/costs?{april_too}&group_by=day")
    assert {row["day"] for row in json.loads(b"".join(days.streaming_content))["rows"]} == {
        "2026-03-04",
        "2026-04-04",
    }
    assert frida.get("/api/v1/costs?from=2026-04-01&to=2026-05-01&group_by=hour").status_code == 200
    # Roll-ups stay, and so do the figures that are made of them.
    used = frida.get(address.replace("cost", "utilization") + "2026-04-01").json()
    assert used["value"] == "0.500000"
    assert not {"left out by the filters", why} & {each["why"].split(":")[0] for each in used["exclusions"]}


def test_conditions_lead_to_their_evidence_and_say_why_they_fail(fleet: Any) -> None:
    page = client("frida", "finance").get(PAGE)
    html = page.content.decode()
    days = "from=2026-03-01&amp;to=2026-03-31"
    for address in (f"/data-health/?{days}", f"/reconciliation/?{days}"):
        assert f'href="{address}"' in html
    link = re.search(r'href="(/explain/[^"]+unallocated_share)"', html)
    assert link
    assert "How it was made" in text(client("frieda", "finance").get(unescape(link[1])))
    # Under its line, where a phone shows it without being scrolled.
    future = client("fritz", "finance").get("/periods/2099-01/").content.decode()
    assert "no cost yet, target 5.0%" in future
    assert '<tr class="below"><td colspan="3"><span>it lasts until 1 Feb 2099 00:00 UTC</span>' in future


def test_the_largest_adjustments_are_told_from_all_of_them(fleet: Any) -> None:
    close()
    requests_hour(fleet, HOUR, [{"tenant": f"t{place}", "requests": 1} for place in range(30)])
    attribute_range(HOUR, HOUR.replace(hour=11))
    frida = client("frida", "finance")
    assert "Largest adjustments of this month the 25 largest" in text(frida.get(PAGE))
