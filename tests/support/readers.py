"""Browsers of people with a role, for tests of who may see what."""

from typing import Any

from django.test import Client

from tests.support.scene import person


def signed_in(role: str, tenant: Any = None) -> Client:
    """Somebody new in that role."""
    client = Client()
    client.force_login(person(f"reader-{role}", role, tenant))
    return client
