"""Approvals at every width: a person approves by keyboard; a requester is told why they do not."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.approvals.domain.kinds import Kind
from portal.approvals.models import ChangeDecision, ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import who_is
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot
from tests.support.changes import people
from tests.support.facts import empty_facts
from tests.support.fleet import small_fleet

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PLAN: dict[str, Any] = {
    "publish": {"do": "Lose the zone for ten minutes", "residency": "all of it stays in the zone eu"},
    "expect": {"pool": "c1/a100", "ready_devices": 4},
    "rollback": "Give the zone back",
}


@pytest.fixture
def cast(transactional_db: None) -> Any:
    small_fleet()
    cast = people()
    now = timezone.now() - timedelta(hours=1)
    asked = Asked(Kind.DRILL, "A drill <b>on Friday</b>", "We have not tried it since March.", PLAN)
    change = draft_change(asked, who=who_is(cast["asker"]), now=now)
    submit_change(change.pk, who=who_is(cast["asker"]), now=now)
    yield cast | {"change": change}
    empty_facts()


def test_one_person_approves_by_keyboard_and_the_requester_cannot(look: Any, cast: Any) -> None:
    change: ChangeRequest = cast["change"]
    page = look(cast["asker"]).go("/approvals/mine/")
    page.get_by_role("link", name="A drill <b>on Friday</b>").click()
    page.get_by_text("so somebody else has to decide").wait_for()
    assert page.get_by_role("button", name="Approve").count() == 0
    window = look(cast["platform"])
    page = window.go("/approvals/")
    page.get_by_role("link", name="A drill <b>on Friday</b>").press("Enter")
    page.get_by_role("button", name="Approve").press("Enter")
    # Signing in without a password shows nothing: it asks who it is.
    page.locator("input[type=password]").wait_for()
    page.get_by_role("link", name="Cancel").press("Enter")
    page.wait_for_url(f"**/approvals/{change.pk}/")
    page.get_by_role("button", name="Approve").wait_for()
    assert ChangeDecision.objects.filter(request=change).count() == 0
    assert window.complaints == []


@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_approvals_break_no_accessibility_rule(look: Any, cast: Any, width: int, scheme: str) -> None:
    window = look(cast["platform"], width, scheme)
    pages = ("", "done/", "away/", "new/reserve/", "new/drill/", f"{cast['change'].pk}/")
    for address in pages:
        page = window.go(f"/approvals/{address}")
        screenshot(page, f"approvals-{address.strip('/').replace('/', '-') or 'inbox'}-{scheme}-{width}")
        assert violations(page) == [], address
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, address
    assert window.complaints == []
