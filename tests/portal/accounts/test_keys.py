"""Keys as second factors: whose they are, and what is posted in their place."""

import json
import re
import time
from hashlib import sha256
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from portal.accounts.models import User
from tests.support.people import signed_in, somebody

pytestmark = pytest.mark.django_db
PASSWORD = "a long word or two"
NO_CREDENTIALS = (
    "", "no json", "null", "1", "[]", "{}", '{"id": "bm9uZQ"}', '{"id": "bm9uZQ", "rawId": "bm9uZQ"}',
    '{"id": "bm9uZQ", "rawId": "bm9uZQ", "type": "public-key", "response": {}}',
    '{"id": "bm9uZQ", "rawId": "bm9uZQ", "type": "public-key", "response": {"clientDataJSON": "AA"}}',
    '{"id": 7, "rawId": [], "type": {}, "response": "x"}',
)  # fmt: skip


@pytest.fixture
def ann(db: None) -> User:
    cache.clear()
    user: User = somebody("ann")
    user.set_password(PASSWORD)
    user.save()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


def key_of(user: User) -> Authenticator:
    """A key that this account knows, as a browser would have registered it."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    known = AttestedCredentialData.create(b"\0" * 16, b"its id", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    said = AuthenticatorData.create(sha256(b"testserver").digest(), flags, 0, known)
    response = RegistrationResponse(
        raw_id=b"its id",
        response=AuthenticatorAttestationResponse(
            client_data=CollectedClientData.create("webauthn.create", b"asked", "https://testserver"),
            attestation_object=AttestationObject.create("none", said, {}),
        ),
    )
    credential = json.loads(json.dumps(dict(response)))
    return Authenticator.objects.create(
        user=user, type="webauthn", data={"name": "x", "credential": credential}
    )


def confirmed(user: User) -> Client:
    """Somebody who has just confirmed that it is them."""
    client = signed_in(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    return client


@pytest.mark.parametrize("sent", NO_CREDENTIALS)
def test_what_is_no_credential_opens_nothing_and_fails_nothing(ann: User, sent: str) -> None:
    fields: Any = {"credential": sent, "name": "x"}
    client = Client()
    client.post("/login/", {"login": "ann", "password": PASSWORD})
    client.get("/login/code/")
    assert client.post("/login/code/", fields).status_code == 200
    assert client.get("/account/").status_code == 302
    client = confirmed(ann)
    client.get("/account/keys/add/")
    assert client.post("/account/keys/add/", fields).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
    cache.clear()
    key_of(ann)
    client = signed_in(ann, ago=600)
    client.get("/account/confirm/key/")
    answer = client.post("/account/confirm/key/?next=/members/", fields)
    assert (answer.status_code, "Use your key" in answer.content.decode()) == (200, True)
    assert client.get("/account/second-factor/remove/").status_code == 302  # nothing is confirmed


def test_a_key_is_not_somebody_elses_to_rename_or_remove(ann: User) -> None:
    key = key_of(ann)
    other = confirmed(somebody("eve"))
    for deed in ("rename", "remove"):
        for method in (other.get, other.post):
            assert method(f"/account/keys/{key.pk}/{deed}/", {"name": "y"}).status_code == 404
            assert method(f"/account/keys/{key.pk + 1000}/{deed}/", {"name": "y"}).status_code == 404
    assert Authenticator.objects.get(pk=key.pk).data["name"] == "x"
    assert confirmed(ann).post(f"/account/keys/{key.pk}/rename/", {"name": "y"}).status_code == 302
    assert Authenticator.objects.get(pk=key.pk).data["name"] == "y"


def test_a_wrong_code_is_said_to_be_a_wrong_code_and_no_word_of_keys(ann: User) -> None:
    for address in ("/account/confirm/code/?next=/members/", "/account/second-factor/"):
        cache.clear()
        client = signed_in(ann, ago=600) if "confirm" in address else confirmed(somebody("eve"))
        page = client.post(address, {"code": "000000"}).content.decode()
        (said,) = re.findall(r'class="notice danger".*?<p>(.*?)</p>', page, re.DOTALL)
        assert said == "That code is not right. It changes every 30 seconds; each one works once."


def test_a_key_that_is_not_known_is_said_to_be_a_key(ann: User) -> None:
    key_of(ann)
    strange = {"credential": '{"id": "bm9uZQ", "rawId": "bm9uZQ", "type": "public-key", "response": {}}'}
    confirming = signed_in(ann, ago=600)
    signing_in = Client()
    signing_in.post("/login/", {"login": "ann", "password": PASSWORD})
    for client, address in ((confirming, "/account/confirm/key/"), (signing_in, "/login/code/")):
        client.get(address)
        page = client.post(address, strange).content.decode()
        (said,) = re.findall(r'class="notice danger".*?<p>(.*?)</p>', page, re.DOTALL)
        assert said == "That key was not confirmed. It has to be one that this account knows."
    adding = confirmed(ann)
    adding.get("/account/keys/add/")
    page = adding.post("/account/keys/add/", strange | {"name": "x"}).content.decode()
    assert "That key was not added. Try again, or use another one." in page
    assert "code is not right" not in page
