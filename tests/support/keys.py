"""A browser with a key (WebAuthn): Chromium's virtual authenticator, and what people do with it.

`tests/journeys/conftest.py` imports the fixture.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore

PASSWORD = "a long word or two"
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def with_key(look: Any) -> Callable[..., Any]:
    """A window whose browser has a key of the kind that is touched; `cdp` and `key` command it."""

    def opened(user: Any = None, **window: Any) -> Any:
        looker = look(user, **window)
        looker.cdp = looker.page.context.new_cdp_session(looker.page)
        looker.cdp.send("WebAuthn.enable")
        looker.key = looker.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
        return looker

    return opened


def confirmed(page: Any) -> None:
    """The password, where it is asked for again."""
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def added(window: Any, name: str = "My yubi") -> None:
    """Add the window's key."""
    page = window.go("/account/keys/add/")
    confirmed(page)
    page.get_by_role("heading", name="Add a key").wait_for()
    page.wait_for_load_state("networkidle")  # what the button does is a script's
    page.get_by_label("What you call it").fill(name)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Recovery codes").wait_for()


def later(window: Any, seconds: int = 600) -> None:
    """Ten minutes pass for this window's session."""
    cookie = next(one for one in window.page.context.cookies() if one["name"] == "sessionid")
    session = SessionStore(cookie["value"])
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds
    session.save()
