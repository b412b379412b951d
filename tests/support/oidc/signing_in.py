"""Declaring the provider of tests, and going there and back."""

from dataclasses import replace
from typing import Any

from django.test import Client

from portal.identity_providers.declared import GroupRole, OidcProvider
from tests.support.oidc.server import Identities

RULES = (
    GroupRole("fin", "finance"),
    GroupRole("bank-leads", "tenant_lead", "bank"),
    GroupRole("ghosts", "tenant_lead", "no such tenant"),
)


def declare(settings: Any, declared: OidcProvider) -> None:
    settings.ENV = replace(settings.ENV, oidc=(declared,))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [declared.for_allauth()]}}


def started(client: Client, **fields: str) -> str:
    """The address at the provider to which the browser is sent."""
    answer = client.post("/oidc/acme/login/", fields)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def come_in(idp: Identities, name: str, client: Client | None = None, **fields: str) -> Any:
    """The portal's answer once `name` has signed in at the provider."""
    client = client or Client()
    return client.get(idp.sign_in(started(client, **fields), name))
