"""A key confirms who decides: on a change, and on a month's books; two people, one by keyboard on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.periods import period
from portal.accounts.models import Role
from portal.approvals.models import ChangeRequest
from tests.support.axe import violations
from tests.support.browser import screenshot, tab_to
from tests.support.changes import evidence, submitted
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.keys import PASSWORD, added, later
from tests.support.people import somebody
from tests.support.periods import MARCH

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE = 390


@pytest.fixture
def books(transactional_db: None) -> Any:
    """One hour of March, which nobody has closed."""
    cache.clear()
    fleet = small_fleet()
    price(fleet, 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.5}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 1}])
    attribute_range(HOUR, HOUR.replace(hour=11))
    yield fleet
    empty_facts()


@pytest.fixture
def holder(with_key: Any) -> Any:
    """Somebody's window, with a key that the account knows and ten minutes since anything was confirmed."""

    def opened(name: str, role: Role, width: int = 1440) -> Any:
        user = somebody(name, role)
        user.set_password(PASSWORD)
        user.save()
        window = with_key(user, width=width)
        added(window)
        later(window)
        return window

    return opened


def entered(page: Any, name: str) -> None:
    """A button or link, by Tab and Enter."""
    tab_to(page, name)
    page.keyboard.press("Enter")


def shown_by_key(page: Any) -> None:
    """Who it is, by the key instead of the password; what was sent goes on by itself."""
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    entered(page, "Use your key instead")
    page.get_by_role("button", name="Use your key").wait_for()
    page.wait_for_load_state("networkidle")  # what the button does is a script's
    page.keyboard.press("Enter")  # it has the focus


def opened_change(window: Any, title: str) -> Any:
    """From the inbox to the decision, by keyboard."""
    page = window.go("/approvals/")
    entered(page, title)
    page.get_by_role("heading", name="Your decision").wait_for()
    return page


def approved(window: Any, title: str) -> Any:
    """An approval that a key confirms."""
    page = opened_change(window, title)
    entered(page, "Approve")
    shown_by_key(page)
    return page


def drill() -> ChangeRequest:
    """A change that two have to agree to."""
    expires = timezone.now() + timedelta(days=14)
    return submitted(somebody("pia", Role.PLATFORM_OWNER), evidence=evidence(), expires_at=expires)


def decisions(change: ChangeRequest) -> tuple[str, int]:
    """Where it stands, and how many have agreed."""
    change.refresh_from_db()
    return change.state, change.decisions.count()


def test_two_people_close_a_month_and_their_keys_confirm_it(holder: Any, books: Any) -> None:
    frida = holder("frida", Role.FINANCE)
    fritz = holder("fritz", Role.FINANCE, PHONE)
    page = frida.go("/periods/2026-03/")
    entered(page, "Ask to close March 2026")
    assert period(MARCH).state == "open"
    shown_by_key(page)
    page.get_by_text("You asked for it or edited it, so somebody else has to decide.").wait_for()
    assert period(MARCH).state == "in_review"
    page = opened_change(fritz, "Close March 2026")
    entered(page, "Approve")
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    assert period(MARCH).state == "in_review"
    shown_by_key(page)
    page.get_by_text("is carried out").wait_for()
    assert period(MARCH).state == "closed"
    screenshot(page, "key-closed-a-month-390")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE
    assert frida.complaints + fritz.complaints == []


def test_two_people_approve_a_change_and_their_keys_confirm_it(holder: Any, transactional_db: None) -> None:
    change = drill()
    pavel, frida = holder("pavel", Role.PLATFORM_OWNER, PHONE), holder("frida", Role.FINANCE)
    page = approved(pavel, change.title)
    page.get_by_text("You have decided; it waits for the others.").wait_for()
    assert decisions(change) == ("submitted", 1)
    page = opened_change(frida, change.title)
    page.get_by_label("Words").fill("Not in this week")
    entered(page, "Reject")
    shown_by_key(page)
    page.get_by_text("Not in this week", exact=True).wait_for()
    assert decisions(change) == ("rejected", 2)
    assert pavel.complaints + frida.complaints == []


def test_a_confirmation_lasts_five_minutes(holder: Any, transactional_db: None) -> None:
    """Within them nothing is asked; afterwards it is, and who gives nothing has decided nothing."""
    change = drill()
    window = holder("pavel", Role.PLATFORM_OWNER)
    page = opened_change(window, change.title)
    entered(page, "Approve")
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    entered(page, "Use your key instead")
    page.get_by_role("button", name="Use your key").wait_for()
    entered(page, "Cancel")
    page.get_by_role("heading", name="Confirm that it is you").wait_for(state="detached")
    assert decisions(change) == ("submitted", 0)
    approved(window, change.title).get_by_text("You have decided").wait_for()
    second = drill()
    page = window.go(f"/approvals/{second.pk}/")
    entered(page, "Approve")  # the key was just used
    page.get_by_text("You have decided").wait_for()
    later(window, 301)
    third = drill()
    page = window.go(f"/approvals/{third.pk}/")
    entered(page, "Approve")
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    assert (decisions(second), decisions(third)) == (("submitted", 1), ("submitted", 0))
    assert window.complaints == []


def test_another_key_confirms_no_decision(holder: Any, transactional_db: None) -> None:
    """A key that the browser has and the account does not know: the form that was sent stays unsent."""
    change = drill()
    window = holder("pavel", Role.PLATFORM_OWNER, PHONE)
    window.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": window.key})
    page = approved(window, change.title)
    page.get_by_text("Nothing was confirmed").wait_for()
    assert decisions(change) == ("submitted", 0)
    page.evaluate("() => document.getElementById('key-credential').value = '{\"id\": \"bm9uZQ\"}'")
    page.evaluate("() => document.getElementById('key-button').form.submit()")
    page.get_by_text("That key was not confirmed").wait_for()
    assert decisions(change) == ("submitted", 0)
    assert violations(page) == []


def test_without_the_guard_an_old_session_would_decide(
    holder: Any, transactional_db: None, settings: Any
) -> None:
    """Sabotage: with a limit that never comes, ten minutes after the last confirmation nothing is asked."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 10**9
    change = drill()
    page = opened_change(holder("pavel", Role.PLATFORM_OWNER), change.title)
    entered(page, "Approve")
    page.get_by_text("You have decided").wait_for()
    assert decisions(change) == ("submitted", 1)
