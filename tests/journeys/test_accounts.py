"""One's own account, members and tokens: by keyboard, in light and dark, on a screen and a phone."""

from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache

from portal.accounts.models import Role
from tests.support.axe import violations
from tests.support.books import small_books
from tests.support.browser import SCHEMES, cut_off, screenshot
from tests.support.people import administrator, somebody

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long word or two"
# On a phone, what is said of an account, key or session begins where its name does.
ASKEW = """() => [...document.querySelectorAll(".saved > li > .muted")]
    .filter((one) => one.offsetLeft !== one.parentElement.firstElementChild.offsetLeft)
    .map((one) => one.innerText)"""


@pytest.fixture
def cast(transactional_db: None) -> dict[str, Any]:
    cache.clear()
    books = small_books()
    people = {
        "root": administrator(),
        "lena": somebody("lena", (Role.TENANT_LEAD, books.tenants["retail"])),
        "mia": somebody("mia", (Role.TENANT_MEMBER, books.tenants["chat-team"])),
        "frida": somebody("frida", Role.FINANCE),
    }
    for user in people.values():
        user.set_password(PASSWORD)
        user.save()
    return people


def signed_in_by_hand(look: Any, name: str, **window: Any) -> Any:
    """A window in which somebody has just signed in by typing."""
    opened = look(None, **window)
    page = opened.go("/login/")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your account").first.wait_for(state="attached")
    return opened


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_account_members_and_tokens_break_no_accessibility_rule(
    look: Any, cast: Any, width: int, scheme: str
) -> None:
    window = look(cast["root"], width, scheme)
    for address in ("/account/", "/members/", "/tokens/", "/account/password/", "/account/confirm/"):
        page = window.go(address)
        screenshot(page, f"{address.strip('/').replace('/', '-')}-{scheme}-{width}")
        assert violations(page) == [], address
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), address
        assert width > 620 or page.evaluate(ASKEW) == [], address
    page = look(None, width, scheme).go("/password/")
    screenshot(page, f"password-{scheme}-{width}")
    assert violations(page) == []
    page = look(cast["mia"], width, scheme).go("/members/")
    page.get_by_role("heading", name="You may not see this").wait_for()
    screenshot(page, f"members-forbidden-{scheme}-{width}")
    assert violations(page) == []
    assert window.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_invitation_that_is_refused_is_mended_where_it_stands(
    look: Any, cast: Any, width: int, scheme: str
) -> None:
    window = look(cast["root"], width, scheme)
    page = window.go("/members/")
    page.get_by_label("Full name").fill("Mia Berg")
    page.get_by_label("Sign-in name").fill("mia")
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    said = page.get_by_text("already exists")
    said.wait_for()
    assert page.evaluate("() => document.activeElement.name") == "name"
    assert said.bounding_box()["y"] + said.bounding_box()["height"] <= page.viewport_size["height"]
    screenshot(page, f"members-refused-{scheme}-{width}")
    assert violations(page) == []
    page.keyboard.press("End")
    page.keyboard.type("-berg")
    page.keyboard.press("Enter")
    page.get_by_text("mia-berg").first.wait_for()
    assert page.locator("#link-text").count() == 1
    # The browser's own word for the refusal, and nothing else.
    assert [one for one in window.complaints if "status of 422" not in one] == []


def test_somebody_sets_up_a_second_factor_and_signs_in_with_it_by_keyboard(look: Any, cast: Any) -> None:
    page = look(cast["frida"]).go("/account/second-factor/")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Set up an authenticator app").wait_for()
    screenshot(page, "second-factor")
    assert violations(page) == []
    secret = page.locator("code").inner_text()
    page.keyboard.type(code_of(secret))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    screenshot(page, "recovery-codes")
    assert violations(page) == []
    recovery = page.locator(".codes code").first.inner_text()
    page = look(None, 390).go("/login/?next=/account/")
    page.keyboard.type("frida")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One more thing").wait_for()
    screenshot(page, "code-390")
    assert violations(page) == []
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    page.get_by_label("Code").fill(recovery)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Where you are signed in").wait_for()


def test_a_session_is_ended_from_another_window(look: Any, cast: Any) -> None:
    here, there = signed_in_by_hand(look, "frida"), signed_in_by_hand(look, "frida", width=390)
    page = here.go("/account/")
    screenshot(page, "sessions")
    page.get_by_role("button", name="End all others").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 other session ended.").wait_for()
    there.go("/account/").get_by_role("heading", name="Sign in").wait_for()
    assert page.url.endswith("/account/")


def test_a_lead_makes_a_token_copies_it_and_revokes_it(look: Any, cast: Any) -> None:
    window = signed_in_by_hand(look, "lena")
    page = window.go("/tokens/")
    page.get_by_label("What it is for").fill("Retail's BI")
    page.locator("select[name=tenant]").select_option("chat-team")
    page.get_by_role("button", name="Make").click()
    page.get_by_role("heading", name="Copy it now").wait_for()
    screenshot(page, "token-made")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert cut_off(page) == []
    token = page.get_by_label("Token").input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == token
    asked = f"{page.url.split('/tokens')[0]}/api/v1/costs?from=2026-03-04&to=2026-03-05"
    header = {"Authorization": f"Bearer {token}"}
    assert page.request.get(asked, headers=header).status == 200
    page.get_by_role("link", name="Back to tokens").click()
    page.get_by_text("chat-team and below").first.wait_for()
    assert token not in page.content()
    screenshot(page, "tokens-of-a-lead")
    page.get_by_role("button", name="Revoke Retail's BI").click()
    page.get_by_text("reads nothing any more").wait_for()
    assert page.request.get(asked, headers=header).status == 401
    assert window.complaints == []


def test_an_administrator_gives_a_role_and_takes_it(look: Any, cast: Any) -> None:
    window = signed_in_by_hand(look, "root")
    page = window.go("/members/")
    page.locator("select[name=account]").select_option("mia")
    page.locator("select[name=role]").select_option("tenant_lead")
    page.locator("select[name=tenant]").select_option("chat-team")
    page.get_by_role("button", name="Give").focus()
    page.keyboard.press("Enter")
    page.get_by_text("mia now is tenant lead.").wait_for()
    screenshot(page, "members-given")
    page.get_by_role("button", name="Take tenant lead from mia").focus()
    page.keyboard.press("Enter")
    page.get_by_text("mia no longer is tenant lead.").wait_for()
    assert window.complaints == []


def test_after_a_while_the_password_is_asked_for_and_the_role_is_given(look: Any, cast: Any) -> None:
    page = look(cast["root"]).go("/members/")
    page.locator("select[name=account]").select_option("mia")
    page.locator("select[name=role]").select_option("finance")
    page.get_by_role("button", name="Give").click()
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    screenshot(page, "confirm")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("mia now is finance.").wait_for()
