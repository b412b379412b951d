"""A real identity provider, and its declaration."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from portal.identity_providers.declared import OidcProvider
from tests.support.oidc.server import Identities, identities
from tests.support.oidc.signing_in import RULES, declare


@pytest.fixture(scope="module")
def idp(tmp_path_factory: Any) -> Iterator[Identities]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with identities(tmp_path_factory.mktemp("idp"), port) as running:
        yield running


@pytest.fixture
def acme(idp: Identities, settings: Any) -> OidcProvider:
    declared = OidcProvider(
        key="acme",
        name="Acme",
        issuer=idp.issuer,
        client_id="apportion",
        secret="only-for-tests",
        groups_claim="groups",
        scopes=("openid", "profile", "email"),
        groups=RULES,
    )
    declare(settings, declared)
    return declared
