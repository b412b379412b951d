"""What the page of a change says in each state, and what of it stands when a part of it fails."""

import re
from typing import Any

import pytest
from django.utils import timezone

from attribution.models import Tenant
from portal.accounts.models import Role
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.states import State
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.who import who_is
from tests.support.change_states import VOID, in_every_state
from tests.support.changes import people, submitted
from tests.support.fleet import small_fleet
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
# What somebody who could decide reads there.
SAYS = {
    "draft": [
        "The policy is chosen when the change is submitted",
        "It is computed when the change is submitted",
    ],
    "submitted": ["Your decision", 'value="approve"', "still missing"],
    "approved": ["pavel agreed"],
    "rejected": ["<strong>Rejected</strong> by pavel", "Not in the week of the audit."],
    "scheduled": ["<dt>Scheduled for</dt>"],
    "carried_out": ["<dt>Promised by</dt>", "done at noon"],
    "verified": ["<strong>Verified</strong> by Apportion", "Ask for the rollback"],
    "failed": ["<strong>Not seen</strong> by Apportion", "3.0 of 4 devices", "Ask for the rollback"],
    "rolled_back": ["<strong>Rolled back</strong> by Apportion", "by change 99"],
    "expired": ["<strong>Expired</strong> by Apportion"],
    "superseded": ["<strong>Superseded</strong> by pia", "by change", "<dt>Superseded by</dt><dd><a href"],
    "withdrawn": ["<strong>Withdrawn</strong> by pia", "another day"],
    VOID: ["Facts have moved, so approvals are void", 'value="approve"', "still missing"],
}


@pytest.fixture
def cast() -> dict[str, Any]:
    small_fleet()
    return people()


def test_each_state_says_where_it_stands_and_offers_what_can_be_done(cast: dict[str, Any]) -> None:
    changes = in_every_state(cast)
    assert set(changes) - {VOID} == set(State)
    for name, change in changes.items():
        reader = cast["asker" if name == "draft" else "platform"]
        page = signed_in(reader).get(f"/approvals/{change.pk}/").content.decode()
        for words in SAYS[name]:
            assert words in page, f"{name}: {words}"
        assert ('value="approve"' in page) == (name in ("submitted", VOID)), name
        assert "This could not be loaded" not in page


FAILS = {
    "_difference": ("Difference", True),
    "month_shown": ("The month", True),
    "_impact": ("Impact", True),
    "_capacity": ("Capacity", False),
    "_checks": ("Pre-flight", True),
    "seats_shown": ("Your decision", True),
    "_history": ("Timeline", False),
}


@pytest.mark.parametrize("part", FAILS)
def test_a_part_that_fails_leaves_the_rest_standing(
    cast: dict[str, Any], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    title, blind = FAILS[part]
    change = in_every_state(cast)["submitted"]
    monkeypatch.setattr(f"portal.approvals.detail.{part}", broken)
    answer = signed_in(cast["platform"]).get(f"/approvals/{change.pk}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("This could not be loaded") == 1
    assert f">{title}</h2>" in page
    assert "We have not tried it since March." in page
    assert "Is Friday right?" in page
    # Nobody decides on what they cannot see.
    assert ('value="approve"' in page) is not blind
    assert answer.headers["X-Request-ID"] in page


def test_comments_and_deputies_that_fail_say_so(
    cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = in_every_state(cast)["submitted"]
    client = signed_in(cast["platform"])
    monkeypatch.setattr("portal.approvals.detail._comments", broken)
    page = client.get(f"/approvals/{change.pk}/").content.decode()
    assert "The comments could not be loaded" in page
    monkeypatch.setattr("portal.approvals.away.delegations_of", broken)
    answer = client.get("/approvals/away/")
    assert answer.status_code == 200
    assert "Your deputies could not be loaded" in answer.content.decode()
    assert 'name="deputy"' in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/approvals/", "Nothing needs you"),
        ("/approvals/mine/", "No change is here yet"),
        ("/approvals/all/?text=nothing", "No change matches"),
        ("/approvals/?kind=drill", "No change matches"),
    ],
)
def test_an_empty_list_says_why_and_what_next(cast: dict[str, Any], address: str, words: str) -> None:
    page = signed_in(cast["auditor"]).get(address).content.decode()
    assert words in page
    assert '<div class="actions"><a class="btn"' in page


def test_a_list_that_fails_says_so_and_keeps_its_tabs(
    cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.approvals.views.changes_in", broken)
    answer = signed_in(cast["platform"]).get("/approvals/all/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The changes could not be loaded" in page
    assert 'href="/approvals/mine/"' in page
    assert 'aria-label="Which changes"' in page


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a part that fails")


def test_dates_in_frozen_evidence_are_written_as_on_the_rest_of_the_page(cast: dict[str, Any]) -> None:
    rule = {"verb": "add", "title": "reserve c1/a100/chat from 2026-11-30T10:00Z", "details": "devices = 2"}
    impact = {
        "known": True, "once": True, "currency": "USD", "middle": 0, "by_tenant": [],
        "method": "in the days from 2026-11-01 to 2026-11-29",
    }  # fmt: skip
    hour = {
        "pool": "c1/a100",
        "ready": 4000,
        "free": 1000,
        "after": 4000,
        "hour": "2026-11-29T07:00:00+00:00",
    }
    change = submitted(cast["asker"], evidence={"difference": [rule], "impact": impact, "capacity": [hour]})
    page = signed_in(cast["platform"]).get(f"/approvals/{change.pk}/").content.decode()
    for words in (
        "reserve c1/a100/chat from 30 Nov 2026 10:00 UTC",
        "from 1 Nov 2026 to 29 Nov 2026",
        "29 Nov 2026 07:00 UTC",
    ):
        assert words in page
    assert "2026-11" not in page


def test_whoever_is_bound_to_tenants_reads_why_an_impact_has_no_line_of_theirs(cast: dict[str, Any]) -> None:
    lead = somebody("lena", (Role.TENANT_LEAD, Tenant.objects.create(name="chat-team")))
    line = {"tenant": "another", "middle": 5}
    known = {"known": True, "once": True, "currency": "USD", "middle": 5, "method": "once"}
    said = {}
    for name, rows in (("divided", [line]), ("undivided", [])):
        change = submitted(
            cast["asker"],
            tenant_id=Tenant.objects.get(name="chat-team").pk,
            evidence={"impact": known | {"by_tenant": rows}},
        )
        page = signed_in(lead).get(f"/approvals/{change.pk}/").content.decode()
        said[name] = re.findall(r'id="impact">Impact</h2></header>.*?<p[^>]*>(.*?)</p>', page)
    assert said == {
        "divided": ["– Your tenants bear neither more nor less of it."],
        "undivided": ["– What it costs is not divided among tenants."],
    }


def test_a_plan_of_others_without_a_way_back_promises_none(cast: dict[str, Any]) -> None:
    asked = Asked(Kind.DRILL, "t", "w", {"publish": {"do": "Lose the zone"}, "rollback": ""})
    change = draft_change(asked, who=who_is(cast["asker"]), now=timezone.now())
    page = signed_in(cast["asker"]).get(f"/approvals/{change.pk}/").content.decode()
    assert "Nothing is said about it." in page
    assert "rules that stood before are kept" not in page


def test_a_refusal_is_a_sentence(cast: dict[str, Any]) -> None:
    change = submitted(cast["asker"])
    sent = {"decision": "reject", "seen": change.hash, "words": ""}
    page = signed_in(cast["platform"]).post(f"/approvals/{change.pk}/decide/", sent, follow=True)
    assert "<p>A rejection needs words" in page.content.decode()


def test_an_empty_list_says_how_it_is_filled_to_who_can_and_to_who_cannot(cast: dict[str, Any]) -> None:
    said = {
        "asker": "A change is asked for with Ask for a change, or over the API.",
        "auditor": "Changes are asked for by the roles tenant lead, finance, platform owner and operator.",
    }
    for name, words in said.items():
        assert words in signed_in(cast[name]).get("/approvals/done/").content.decode()


def test_whoever_takes_a_change_back_says_why_in_its_own_place(cast: dict[str, Any]) -> None:
    change = in_every_state(cast)["submitted"]
    client = signed_in(cast["asker"])
    assert 'id="withdraw"' in client.get(f"/approvals/{change.pk}/").content.decode()
    page = client.post(f"/approvals/{change.pk}/withdraw/", {"words": "another week"}, follow=True)
    assert "<strong>Withdrawn</strong> by pia" in page.content.decode()
    assert "another week" in page.content.decode()
