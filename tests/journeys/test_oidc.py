"""Signing in at a real identity provider in a real browser, under our Content-Security-Policy."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache

from portal.accounts.models import Membership
from portal.identity_providers.declared import GroupRole, OidcProvider
from tests.support.axe import violations
from tests.support.books import small_books
from tests.support.browser import screenshot
from tests.support.oidc.server import Identities, identities

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
RULES = (GroupRole("fin", "finance"), GroupRole("bank-leads", "tenant_lead", "bank"))


@pytest.fixture(scope="module")
def idp(tmp_path_factory: Any, live_server: Any) -> Iterator[Identities]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    callback = f"{live_server.url}/oidc/acme/callback/"
    with identities(tmp_path_factory.mktemp("idp"), port, callback=callback) as running:
        yield running


@pytest.fixture
def acme(idp: Identities, settings: Any, transactional_db: None) -> OidcProvider:
    cache.clear()
    small_books()
    declared = OidcProvider(
        "acme", "Acme", idp.issuer, "apportion", "only-for-tests", "groups", ("openid", "profile"), RULES
    )
    declare(settings, declared)
    return declared


def declare(settings: Any, declared: OidcProvider, *origins: str) -> None:
    """As the settings do it: the provider's origin is where forms may lead."""
    settings.ENV = replace(settings.ENV, oidc=(declared,))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [declared.for_allauth()]}}
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    allowed = {"form-action": ["'self'", *(origins or (declared.origin,))]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | allowed}


def to_the_provider(window: Any, name: str) -> Any:
    """From our sign-in page, by keyboard, to its consent page."""
    window.page.route("**/*googleapis*", lambda route: route.abort())
    page = window.go("/login/?next=/account/")
    page.get_by_role("button", name="Sign in at Acme").press("Enter")
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue").wait_for()
    return page


def roles_of(name: str) -> set[tuple[str, str]]:
    found = Membership.objects.filter(user__username=name)
    return {(one.role, one.provider) for one in found}


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_somebody_signs_in_there_and_has_the_roles_of_their_groups_until_they_leave_one(
    look: Any, idp: Identities, acme: OidcProvider, width: int, scheme: str
) -> None:
    idp.knows(frida={"name": "Frida Holm", "groups": ["fin", "bank-leads", "nobody-mapped-this"]})
    window = look(None, width, scheme)
    page = window.go("/login/?next=/account/")
    screenshot(page, f"oidc-login-{scheme}-{width}")
    assert violations(page) == []
    page = to_the_provider(window, "frida")
    page.get_by_role("button", name="Continue").press("Enter")
    page.wait_for_url("**/account/")
    page.get_by_text("bank and below, from a group at acme").wait_for()
    screenshot(page, f"oidc-account-{scheme}-{width}")
    assert violations(page) == []
    assert roles_of("frida") == {("finance", "acme"), ("tenant_lead", "acme")}

    idp.knows(frida={"name": "Frida Holm", "groups": ["bank-leads"]})
    page = window.go("/logout/")
    page.get_by_role("button", name="Sign out").press("Enter")
    page = window.go("/login/?next=/account/")
    page.get_by_role("button", name="Sign in at Acme").press("Enter")  # it still knows who that is
    page.wait_for_url("**/account/")
    page.get_by_text("bank and below, from a group at acme").wait_for()
    assert "Finance" not in page.content()
    assert roles_of("frida") == {("tenant_lead", "acme")}
    window.go("/periods/").get_by_role("heading", name="You may not see this").wait_for()


def test_who_refuses_there_is_back_here_and_told_so(look: Any, idp: Identities, acme: OidcProvider) -> None:
    idp.knows(otto={"groups": ["fin"]})
    window = look(None, 390)
    page = to_the_provider(window, "otto")
    page.get_by_text("Cancel").click()
    page.get_by_role("heading", name="Signing in was cancelled").wait_for()
    screenshot(page, "oidc-cancelled")
    assert violations(page) == []
    assert roles_of("otto") == set()
    assert window.go("/account/").url.endswith("/login/?next=/account/")


def test_another_issuer_and_an_answer_to_another_try_open_nothing(
    look: Any, idp: Identities, acme: OidcProvider, settings: Any
) -> None:
    window = look(None, 390)
    page = window.go("/oidc/acme/callback/?code=stolen&state=guessed")
    page.get_by_role("heading", name="Signing in did not work").wait_for()
    screenshot(page, "oidc-error")
    assert violations(page) == []
    declare(settings, replace(acme, issuer=idp.issuer.replace("localhost", "127.0.0.1")))
    page = window.go("/login/")
    page.get_by_role("button", name="Sign in at Acme").press("Enter")
    page.get_by_role("heading", name="The identity provider cannot be asked").wait_for()
    screenshot(page, "oidc-unavailable")
    assert violations(page) == []


def test_without_the_providers_origin_in_the_policy_no_browser_would_get_there(
    look: Any, idp: Identities, acme: OidcProvider, settings: Any
) -> None:
    """The twin: what the settings add to `form-action` is what lets the redirect through."""
    declare(settings, acme, "https://elsewhere.example")
    window = look()
    page = window.go("/login/")
    page.get_by_role("button", name="Sign in at Acme").press("Enter")
    page.wait_for_function("() => true", timeout=2_000)
    page.wait_for_timeout(1_500)
    assert page.url.endswith("/login/")
    assert any("form-action" in said for said in window.complaints), window.complaints
