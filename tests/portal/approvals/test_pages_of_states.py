"""What the page of a change says in each state, and what of it stands when a part of it fails."""

from typing import Any

import pytest

from portal.approvals.domain.states import State
from tests.support.change_states import VOID, in_every_state
from tests.support.changes import people
from tests.support.fleet import small_fleet
from tests.support.people import signed_in

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
    "superseded": ["<strong>Superseded</strong> by pia", "by change"],
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
    "_readable": ("Pre-flight", True),
    "_seats": ("Your decision", True),
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
