"""The page of a change in every state, and lists without changes: no rule of accessibility is broken."""

from typing import Any

import pytest

from tests.support.axe import violations
from tests.support.browser import cut_off, screenshot
from tests.support.change_states import in_every_state
from tests.support.changes import people
from tests.support.facts import empty_facts
from tests.support.fleet import small_fleet

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
WINDOWS = [(1440, "light"), (390, "dark"), (320, "light")]


@pytest.fixture
def cast(transactional_db: None) -> Any:
    small_fleet()
    yield people()
    empty_facts()


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_a_change_in_every_state_breaks_no_rule(look: Any, cast: Any, width: int, scheme: str) -> None:
    changes = in_every_state(cast)
    windows = {name: look(cast[name], width, scheme) for name in ("asker", "platform")}
    for name, change in changes.items():
        window = windows["asker" if name == "draft" else "platform"]
        page = window.go(f"/approvals/{change.pk}/")
        screenshot(page, f"change-{name.replace(' ', '-')}-{scheme}-{width}")
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
        assert cut_off(page) == [], name
    assert [window.complaints for window in windows.values()] == [[], []]


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_what_is_empty_or_broken_breaks_no_rule_either(
    look: Any, cast: Any, width: int, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = look(cast["auditor"], width, scheme)
    for name, address in (("empty", ""), ("filtered", "all/?text=nothing"), ("away", "away/")):
        page = window.go(f"/approvals/{address}")
        screenshot(page, f"inbox-{name}-{scheme}-{width}")
        assert violations(page) == [], name
    change = in_every_state(cast)["submitted"]

    def broken(*_: Any) -> Any:
        raise RuntimeError("a part that fails")

    for place in (
        "views.changes_in",
        "away.delegations_of",
        "detail._impact",
        "detail.seats_shown",
        "detail._history",
    ):
        monkeypatch.setattr(f"portal.approvals.{place}", broken)
    for name, address in (("list", "all/"), ("deputies", "away/"), ("change", f"{change.pk}/")):
        page = window.go(f"/approvals/{address}")
        screenshot(page, f"broken-{name}-{scheme}-{width}")
        assert page.get_by_text("could not be loaded").count() >= 1
        assert violations(page) == [], name
        assert page.evaluate("() => document.documentElement.scrollWidth") == width, name
    assert window.complaints == []
