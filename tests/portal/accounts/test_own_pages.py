"""Every address of one's own account answers every kind of account."""

from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from django.test import Client

from portal.accounts.models import Role, User
from portal.identity_providers.declared import OidcProvider
from tests.portal.isolation.test_matrix import address, routes
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
PASSWORD = "a long word or two"
ACME = OidcProvider("acme", "Acme", "https://id.acme.example", "apportion", "s", "groups", ("openid",), ())
OWN = [route for route in routes() if route.startswith("account/")]
KINDS = [
    (password, factor, provider)
    for password in (True, False)
    for factor in (True, False)
    for provider in (True, False)
]


@pytest.fixture(autouse=True)
def acme(settings: Any) -> None:
    cache.clear()
    settings.ENV = replace(settings.ENV, oidc=(ACME,))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [ACME.for_allauth()]}}


def account(password: bool, factor: bool, provider: bool) -> User:
    """An account of this kind."""
    user: User = somebody("ann", Role.FINANCE)
    user.email = "ann@example.org"
    user.set_password(PASSWORD if password else None)
    user.save()
    if factor:
        totp.TOTP.activate(user, totp.generate_totp_secret())
        RecoveryCodes.activate(user)
    if provider:
        SocialAccount.objects.create(user=user, provider="acme", uid="ann")
    return user


def followed(client: Client, where: str) -> tuple[str, int]:
    """The last address that a browser is led to, and its status; a circle is a failure."""
    seen = []
    while True:
        assert where not in seen, f"in a circle: {seen}"
        seen.append(where)
        answer = client.get(where)
        if answer.status_code != 302:
            return where, answer.status_code
        where = answer.headers["Location"]


@pytest.mark.parametrize(("password", "factor", "provider"), KINDS)
def test_every_address_answers(password: bool, factor: bool, provider: bool) -> None:
    """Also where it leads on to a page that asks again: nothing fails, and nothing goes round in circles."""
    client = signed_in(account(password, factor, provider), ago=600)
    for route in OWN:
        cache.clear()  # a limit on tries is no answer here
        where, status = followed(client, address(route))
        assert status in (200, 404, 405), (route, where, status)
        status = client.post(address(route)).status_code
        assert status in (200, 302, 404, 405), (route, status)


def page(client: Client, where: str) -> str:
    return str(client.get(where, follow=True).content.decode())


def test_who_has_no_password_is_told_where_it_is_changed() -> None:
    client = signed_in(account(False, False, True))
    assert "You sign in at Acme. Passwords are changed there." in page(client, "/account/password/")
    new = {"oldpassword": "", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/password/", new)
    assert not User.objects.get().has_usable_password()
    SocialAccount.objects.all().delete()
    assert "An administrator can give you a link" in page(client, "/account/password/")


def test_who_has_one_is_not_told_to_confirm_elsewhere() -> None:
    client = signed_in(account(True, False, False))
    assert client.get("/account/confirm/provider/").headers["Location"] == "/account/confirm/"


def test_no_mail_gives_a_password_to_who_signs_in_at_a_provider() -> None:
    """It would go on to work after they have left there."""
    user = account(False, False, True)
    Client().post("/password/", {"email": user.email})
    assert "/password/" not in mail.outbox[0].body
    SocialAccount.objects.all().delete()
    Client().post("/password/", {"email": user.email})
    assert "/password/" in mail.outbox[1].body


def test_without_mail_no_button_promises_any(settings: Any) -> None:
    shown = Client().get("/password/").content.decode()
    assert "This server sends no mail" in shown
    assert "Send the link" not in shown
