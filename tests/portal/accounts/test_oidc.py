"""Signing in at a real identity provider: roles follow its groups, and forged answers open nothing."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from portal.accounts.models import Membership, Role, User
from portal.identity_providers.declared import OidcProvider
from tests.support.books import Books, small_books
from tests.support.oidc.server import Identities
from tests.support.oidc.signing_in import come_in, declare, started
from tests.support.people import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db: None) -> Books:
    return small_books()


def roles_of(name: str) -> set[tuple[str, str | None, str]]:
    found = Membership.objects.filter(user__username=name).select_related("tenant")
    return {(one.role, one.tenant.name if one.tenant else None, one.provider) for one in found}


def refused(answer: Any, client: Client) -> bool:
    return answer.status_code == 401 and client.get("/account/").status_code == 302


def test_a_try_has_pkce_a_state_and_a_nonce_of_its_own(idp: Identities, acme: OidcProvider) -> None:
    asked = [parse_qs(urlsplit(started(Client())).query) for _ in range(2)]
    assert {one["code_challenge_method"][0] for one in asked} == {"S256"}
    assert {one["redirect_uri"][0] for one in asked} == {"http://testserver/oidc/acme/callback/"}
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_groups_become_roles_and_unknown_groups_nothing(
    idp: Identities, acme: OidcProvider, books: Books
) -> None:
    groups = ["fin", "bank-leads", "ghosts", "nobody-mapped-this"]
    idp.knows(frida={"name": "Frida Holm", "groups": groups})
    client = Client()
    assert come_in(idp, "frida", client, next="/account/").headers["Location"] == "/account/"
    assert roles_of("frida") == {("finance", None, "acme"), ("tenant_lead", "bank", "acme")}
    assert User.objects.get(username="frida").person.name == "Frida Holm"
    assert "from a group at acme" in client.get("/account/").content.decode()


def test_a_group_that_was_left_takes_its_role_and_what_was_given_by_hand_stays(
    idp: Identities, acme: OidcProvider, books: Books
) -> None:
    idp.knows(frida={"groups": ["fin", "bank-leads"]})
    come_in(idp, "frida")
    user = User.objects.get(username="frida")
    Membership.objects.create(user=user, role=Role.AUDITOR)
    Membership.objects.filter(user=user, role=Role.TENANT_LEAD).update(provider="")
    idp.knows(frida={"groups": []})
    come_in(idp, "frida")
    assert roles_of("frida") == {("auditor", None, ""), ("tenant_lead", "bank", "")}
    idp.knows(frida={})
    come_in(idp, "frida")
    assert roles_of("frida") == {("auditor", None, ""), ("tenant_lead", "bank", "")}
    assert User.objects.count() == 1


def test_a_name_or_address_at_the_provider_opens_nobody_elses_account(
    idp: Identities, acme: OidcProvider, books: Books
) -> None:
    local = somebody("frida", Role.PLATFORM_OWNER)
    local.email = "frida@example.org"
    local.save()
    idp.knows(frida={"email": "frida@example.org", "email_verified": True, "groups": []})
    client = Client()
    come_in(idp, "frida", client)
    came = User.objects.get(pk=client.session["_auth_user_id"])
    assert came.pk != local.pk
    assert came.username != "frida"
    assert not came.memberships.exists()


def test_a_closed_account_stays_out(idp: Identities, acme: OidcProvider, books: Books) -> None:
    idp.knows(frida={"groups": ["fin"]})
    come_in(idp, "frida")
    User.objects.update(is_active=False)
    client = Client()
    come_in(idp, "frida", client)
    assert client.get("/account/").status_code == 302


def test_an_answer_to_another_try_is_refused(idp: Identities, acme: OidcProvider) -> None:
    idp.knows(frida={"groups": ["fin"]})
    mine, theirs = Client(), Client()
    back = idp.sign_in(started(theirs), "frida")
    started(mine)
    assert refused(mine.get(back), mine)  # the state is of another session
    assert refused(mine.get(back.split("&state")[0] + "&state=guessed"), mine)
    assert theirs.get(back).status_code == 302
    other = Client()
    assert refused(other.get(back), other)  # and a code is good once


def test_a_wrong_nonce_is_refused(idp: Identities, acme: OidcProvider) -> None:
    idp.knows(frida={"groups": ["fin"]})
    for change in ("another", None):
        client = Client()
        back = idp.sign_in(started(client), "frida")
        session = client.session
        for state in session["socialaccount_states"].values():
            state[0]["nonce"] = change
        session.save()
        assert refused(client.get(back), client)
    assert not User.objects.exists()


def test_without_the_comparison_a_wrong_nonce_would_open_an_account(
    idp: Identities, acme: OidcProvider, monkeypatch: Any
) -> None:
    """The twin."""
    monkeypatch.setattr("portal.accounts.oidc.adapter.hmac.compare_digest", lambda *given: True)
    idp.knows(frida={"groups": ["fin"]})
    client = Client()
    back = idp.sign_in(started(client), "frida")
    session = client.session
    for state in session["socialaccount_states"].values():
        state[0]["nonce"] = "another"
    session.save()
    assert client.get(back).status_code == 302
    assert User.objects.filter(username="frida").exists()


def test_without_the_signature_a_forged_token_would_open_an_account(
    idp: Identities, acme: OidcProvider, monkeypatch: Any
) -> None:
    """The twin: what allauth does by itself, which trusts the provider's TLS."""
    import jwt
    from allauth.socialaccount.internal import jwtkit
    from cryptography.hazmat.primitives.asymmetric import rsa

    from portal.accounts.oidc.client import OidcClient

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    decode, verify = OidcClient._decode_id_token, jwtkit.verify_and_decode

    def forged(self: Any, app: Any, id_token: str) -> Any:
        claims = jwt.decode(id_token, options={"verify_signature": False}) | {"groups": ["bank-leads"]}
        kid = jwt.get_unverified_header(id_token)["kid"]
        return decode(self, app, jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid}))

    monkeypatch.setattr(OidcClient, "_decode_id_token", forged)
    idp.knows(frida={"groups": ["fin"]})
    client = Client()
    assert refused(come_in(idp, "frida", client), client)
    monkeypatch.setattr(
        jwtkit, "verify_and_decode", lambda **given: verify(**(given | {"verify_signature": False}))
    )
    assert come_in(idp, "frida").status_code == 302
    assert User.objects.filter(username="frida").exists()


def test_a_wrong_code_verifier_is_refused(idp: Identities, acme: OidcProvider) -> None:
    idp.knows(frida={"groups": ["fin"]})
    client = Client()
    back = idp.sign_in(started(client), "frida")
    session = client.session
    for state in session["socialaccount_states"].values():
        state[0]["pkce_code_verifier"] = "x" * 43
    session.save()
    assert refused(client.get(back), client)


def test_an_expired_token_a_foreign_signature_and_a_foreign_audience_are_refused(
    idp: Identities, acme: OidcProvider, monkeypatch: Any
) -> None:
    import time

    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa

    from portal.accounts.oidc.client import OidcClient

    idp.knows(frida={"groups": ["fin"]})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    decode = OidcClient._decode_id_token
    forge: dict[str, Any] = {}

    def forged(self: Any, app: Any, id_token: str) -> Any:
        claims = jwt.decode(id_token, options={"verify_signature": False}) | forge["claims"]
        header = jwt.get_unverified_header(id_token)
        if forge["alg"] is None:
            return decode(self, app, jwt.encode(claims, "", algorithm="none", headers={"kid": header["kid"]}))
        return decode(self, app, jwt.encode(claims, key, algorithm="RS256", headers={"kid": header["kid"]}))

    monkeypatch.setattr(OidcClient, "_decode_id_token", forged)
    for forge["claims"], forge["alg"] in ({}, "RS256"), ({"groups": ["fin"]}, None):
        client = Client()
        assert refused(come_in(idp, "frida", client), client)
    monkeypatch.setattr(
        "allauth.socialaccount.internal.jwtkit.fetch_key", lambda *given: ("RS256", key.public_key())
    )
    forge["alg"] = "RS256"
    for claims in ({"exp": time.time() - 1}, {"aud": "somebody else"}, {"iss": "http://localhost:1"}):
        forge["claims"] = claims
        client = Client()
        assert refused(come_in(idp, "frida", client), client), claims
    forge["claims"] = {}
    client = Client()
    assert come_in(idp, "frida", client).status_code == 302  # the key that signs is the one that counts


def test_discovery_of_another_issuer_is_refused(idp: Identities, acme: OidcProvider, settings: Any) -> None:
    declare(settings, replace(acme, issuer=idp.issuer.replace("localhost", "127.0.0.1")))
    answer = Client().post("/oidc/acme/login/")
    assert answer.status_code == 502


def test_a_provider_that_does_not_answer_gives_a_page_that_says_so(acme: OidcProvider, settings: Any) -> None:
    declare(settings, replace(acme, issuer="http://localhost:1"))
    answer = Client().post("/oidc/acme/login/")
    assert answer.status_code == 502
    assert "cannot be asked" in answer.content.decode()


def test_a_provider_that_is_not_declared_is_not_there(acme: OidcProvider, client: Client) -> None:
    assert client.post("/oidc/other/login/").status_code == 404
    assert client.get("/oidc/other/callback/").status_code == 404
    assert client.get("/oidc/acme/login/").status_code == 405


def test_somebody_who_cancels_is_told_so(acme: OidcProvider, client: Client) -> None:
    state = parse_qs(urlsplit(started(client)).query)["state"][0]
    back = f"/oidc/acme/callback/?error=access_denied&state={state}"
    assert "cancelled" in client.get(back, follow=True).content.decode()
