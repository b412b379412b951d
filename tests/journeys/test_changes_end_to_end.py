"""Changes from the wish to the proof, each by its people in their own windows, with real passwords."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from attribution.models import Reserve
from attribution.operations.attribute_windows import attribute_range
from portal.accounts.tokens import create_token
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.sweep import sweep
from tests.support.axe import violations
from tests.support.browser import HEIGHTS, SCHEMES, screenshot, tab_to
from tests.support.facts import empty_facts
from tests.support.fleet import devices_hour
from tests.support.fortnight import fortnight

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long word or two"
TITLE = "Four more warm devices"


@pytest.fixture
def cast(transactional_db: None) -> Any:
    cache.clear()
    made = fortnight()
    for user in made.values():
        if hasattr(user, "set_password"):
            user.set_password(PASSWORD)
            user.save()
    yield made
    empty_facts()


def ask(window: Any) -> ChangeRequest:
    """A lead asks by keyboard alone, from the inbox on."""
    page = window.go("/approvals/")
    tab_to(page, "Ask for a change")
    page.keyboard.press("Enter")
    tab_to(page, "Warm pool")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ask for a warm pool").wait_for()
    written = {
        "title": TITLE,
        "why": "Cold starts at nine o'clock",
        "pool": "c1/a100",
        "service": "chat",
        "devices": "5",
        "do": "Scale the warm pool by four",
        "more_devices": "4",
        "ready_devices": "14",
        "rollback": "Scale it back",
    }
    for name, text in written.items():
        page.locator(f"[name={name}]").focus()
        page.keyboard.type(text)
    tab_to(page, "Submit")
    page.keyboard.press("Enter")
    page.get_by_text("was submitted; who can decide has been told").wait_for()
    assert violations(page) == []
    return ChangeRequest.objects.latest("pk")


def confirm(page: Any) -> None:
    """Whoever decides shows that it is them: the form that was sent goes on by itself."""
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def approve(window: Any, change: ChangeRequest) -> Any:
    """From the inbox to the decision, by keyboard alone, with the password on the way."""
    page = window.go("/approvals/")
    tab_to(page, change.title)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your decision").wait_for()
    tab_to(page, "Approve")
    page.keyboard.press("Enter")
    confirm(page)
    return page


def carry_out(window: Any, operator: Any, change: ChangeRequest) -> dict[str, Any]:
    """What the platform's script does: read the feed, do it, acknowledge."""
    token = create_token(
        name="gitops", scopes=["changes"], tenant=None, expires_in=None, now=timezone.now(),
        owner=operator.person,
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {token}"}
    request = window.page.request
    (entry,) = request.get("/api/v1/changes?after=0", headers=headers).json()["changes"]
    path = entry["data"]["acknowledge"]
    headers |= {"Idempotency-Key": f"applied {change.pk}"}
    done = request.post(path, data={"done": True, "words": "helm release 42"}, headers=headers)
    assert done.json()["state"] == "carried_out", done.text()
    return dict(entry["data"])


def test_four_more_warm_devices_from_the_wish_to_the_proof(look: Any, cast: Any) -> None:
    lead = look(cast["lead"])
    change = ask(lead)
    phone = look(cast["platform"], 390)
    page = approve(phone, change)
    page.get_by_text("You have decided; it waits for the others.").wait_for()
    page.get_by_text("pavel agreed").wait_for()
    screenshot(page, "change-one-of-two-390")
    page = approve(look(cast["finance"]), change)
    page.get_by_text(f"Change {change.pk} is scheduled.").wait_for()
    published = carry_out(phone, cast["operator"], change)
    assert published["publish"]["do"] == "Scale the warm pool by four"
    assert published["expect"] == {"pool": "c1/a100", "ready_devices": 14}
    assert list(Reserve.objects.order_by("valid").values_list("devices", flat=True)) == [1, 5]
    page = lead.go(f"/approvals/{change.pk}/")
    page.get_by_text("Carried out by otto").wait_for()
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    devices_hour(cast["fleet"], hour, {f"n{n}": {"busy": 0.9 if n < 6 else 0.0} for n in range(14)})
    attribute_range(hour, hour + timedelta(hours=1))
    assert sweep(now=hour + timedelta(hours=2)) == {"verified": 1}
    page = lead.go(f"/approvals/{change.pk}/")
    page.get_by_text("14.0 of 14 devices of c1/a100 ready").first.wait_for()
    screenshot(page, "change-verified")
    assert violations(page) == []
    assert lead.complaints == phone.complaints == []


def test_a_requester_tries_to_approve(look: Any, cast: Any) -> None:
    """There is no button; whoever sends the form all the same is told why not, and nothing is decided."""
    change = ask(look(cast["lead"]))
    window = look(cast["lead"])
    page = window.go(f"/approvals/{change.pk}/")
    page.get_by_text("You asked for it or edited it, so somebody else has to decide.").wait_for()
    assert page.get_by_role("button", name="Approve").count() == 0
    page.evaluate(
        """([address, seen]) => {
            const form = document.querySelector('form[action$="/comment/"]').cloneNode(true);
            form.action = address;
            for (const [name, value] of [['decision', 'approve'], ['seen', seen]]) {
                const field = document.createElement('input');
                [field.name, field.value] = [name, value];
                form.append(field);
            }
            document.body.append(form);
            form.submit();
        }""",
        [f"/approvals/{change.pk}/decide/", change.hash],
    )
    confirm(page)
    page.get_by_role("alert").get_by_text("somebody else has to decide").wait_for()
    change.refresh_from_db()
    assert (change.state, change.decisions.count()) == ("submitted", 0)
    assert violations(page) == []


def test_a_plan_drifts_and_the_page_says_so(look: Any, cast: Any) -> None:
    change = ask(look(cast["lead"]))
    approve(look(cast["platform"]), change).get_by_text("pavel agreed").wait_for()
    Reserve.objects.update(devices=2)
    page = approve(look(cast["finance"]), change)
    page.get_by_text("facts have moved, so approvals are void and the evidence is new").wait_for()
    page.get_by_text("Facts have moved, so approvals are void: the rules that stand").first.wait_for()
    assert page.get_by_text("pavel agreed").count() == 0
    screenshot(page, "change-drifted")
    assert violations(page) == []
    change.refresh_from_db()
    assert change.state == "submitted"
    # The others see it in their inbox again, and a fresh approval of the new evidence counts.
    page = approve(look(cast["platform"]), change)
    page.get_by_text("pavel agreed").wait_for()


def test_somebody_of_another_tenant_tries_the_address(look: Any, cast: Any) -> None:
    change = ask(look(cast["lead"]))
    window = look(cast["other"])
    pages = []
    for number in (change.pk, 999_999):
        page = window.go(f"/approvals/{number}/")
        page.get_by_role("heading", name="There is no such page").wait_for()
        pages.append(page.locator("main").inner_text().replace(page.locator("code").inner_text(), ""))
    assert pages[0] == pages[1]
    for address in ("/approvals/", "/approvals/all/", "/approvals/done/"):
        assert TITLE not in window.go(address).content()
    page = look(cast["member"], 390).go(f"/approvals/{change.pk}/")
    page.get_by_role("heading", name="You may not see this").wait_for()
    screenshot(page, "change-forbidden-390")
    assert violations(page) == []


def test_no_state_of_a_change_breaks_an_accessibility_rule(look: Any, cast: Any) -> None:
    change = ask(look(cast["lead"]))
    windows = [("finance", width, scheme) for width in HEIGHTS for scheme in SCHEMES]
    for name, width, scheme in [*windows, ("lead", 390, "dark"), ("auditor", 1440, "light")]:
        window = look(cast[name], width, scheme)
        for address in (f"/approvals/{change.pk}/", f"/approvals/{change.pk}/edit/"):
            if "edit" in address and name != "lead":
                continue
            page = window.go(address)
            screenshot(page, f"change{'-edit' * ('edit' in address)}-{name}-{scheme}-{width}")
            assert violations(page) == [], (address, name, width, scheme)
            assert page.evaluate("() => document.documentElement.scrollWidth") == width
        assert window.complaints == []
