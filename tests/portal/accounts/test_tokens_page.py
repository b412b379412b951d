"""Tokens on their page: who makes, sees and revokes which."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Role, ServiceToken
from portal.accounts.permissions import SCOPES
from portal.accounts.token_views import WORDS
from tests.support.books import Books, small_books
from tests.support.people import administrator, signed_in, somebody

pytestmark = pytest.mark.django_db
RANGE = "from=2026-03-04&to=2026-03-05"
FIELDS = {"name": "BI", "scope": "read", "tenant": "", "days": "90"}


@pytest.fixture
def books(db: None) -> Books:
    return small_books()


def lead(books: Books, tenant: str = "retail") -> Any:
    return somebody(f"lead-of-{tenant}", (Role.TENANT_LEAD, books.tenants[tenant]))


def made(client: Client, **fields: str) -> tuple[str, str]:
    """The token as shown, "" when none was made; and the page."""
    page = client.post("/tokens/make/", FIELDS | fields, follow=True).content.decode()
    shown = re.search(r'value="(apn_[0-9a-f]{8}_[0-9a-f]{64})"', page)
    return (shown[1] if shown else ""), page


def status(text: str, question: str = "costs") -> int:
    header = {"Authorization": f"Bearer {text}"}
    return Client().get(f"/api/v1/{question}?{RANGE}", headers=header).status_code


def test_a_token_has_256_random_bits_and_is_shown_once(books: Books) -> None:
    client = signed_in(somebody("frida", Role.FINANCE))
    text, _ = made(client)
    assert len(bytes.fromhex(text.split("_")[2])) == 32
    assert client.get("/tokens/").content.decode().count(text) == 0
    kept = ServiceToken.objects.get()
    assert text.split("_")[2] not in str(kept.__dict__)
    assert kept.owner.name == "frida"
    assert (kept.expires_at - kept.created_at).days == 90
    assert status(text) == status(text, "reconciliation") == 200


def test_a_lead_makes_tokens_for_their_own_subtree_only(books: Books) -> None:
    client = signed_in(lead(books))
    for tenant in ("retail", "chat-team"):
        assert status(made(client, tenant=tenant)[0]) == 200
    foreign, absent = made(client, tenant="bank"), made(client, tenant="nowhere")
    assert foreign[0] == absent[0] == made(client, tenant="")[0] == ""
    assert (
        foreign[1].replace("bank", "nowhere").split("Nothing was made")[1][:40]
        == (absent[1].split("Nothing was made")[1][:40])
    )
    assert "their own tenants only" in made(client, tenant="")[1]
    assert made(client, tenant="retail", scope="utilization")[0] == ""


def test_an_analyst_makes_no_token_that_reads_more_than_they_do(books: Books) -> None:
    client = signed_in(somebody("aiko", Role.ANALYST))
    text, _ = made(client, scope="read")
    assert [status(text, one) for one in ("costs", "utilization", "reconciliation")] == [200, 200, 403]
    assert made(client, scope="reconciliation")[0] == ""


def test_a_token_stops_when_its_owner_has_lost_the_role_or_the_account(books: Books) -> None:
    frida = somebody("frida", Role.FINANCE)
    text, _ = made(signed_in(frida))
    membership = frida.memberships.get()
    membership.delete()
    assert status(text) == 403
    somebody("frida", Role.FINANCE)
    assert status(text) == 200
    frida.is_active = False
    frida.save()
    assert status(text) == 403


def test_a_revoked_token_is_refused_at_the_next_request(books: Books) -> None:
    client = signed_in(somebody("frida", Role.FINANCE))
    text, _ = made(client)
    assert status(text) == 200
    client.post(f"/tokens/{ServiceToken.objects.get().pk}/revoke/")
    assert status(text) == 401
    assert "revoked" in client.get("/tokens/").content.decode()


def test_who_may_revoke_a_token_reads_its_state_too(books: Books) -> None:
    client = signed_in(somebody("frida", Role.FINANCE))
    made(client)
    page = client.get("/tokens/").content.decode()
    assert '<span class="tag ok">usable</span>' in page
    assert "Revoke<span" in page
    ServiceToken.objects.update(expires_at=timezone.now())
    page = client.get("/tokens/").content.decode()
    assert '<span class="tag warn">expired</span>' in page
    assert "Revoke<span" not in page


def test_every_scope_is_said_in_words(books: Books) -> None:
    assert set(WORDS) == set(SCOPES)
    page = signed_in(somebody("pavel", Role.PLATFORM_OWNER)).get("/tokens/").content.decode()
    assert '<option value="changes">Carries out changes</option>' in page


def test_a_foreign_token_cannot_be_seen_or_revoked_and_reads_as_absent(books: Books) -> None:
    text, _ = made(signed_in(lead(books, "bank")), tenant="bank", name="of the bank")
    token = ServiceToken.objects.get()
    for stranger in (lead(books), somebody("aiko", Role.ANALYST)):
        client = signed_in(stranger)
        assert "of the bank" not in client.get("/tokens/").content.decode()
        foreign = client.post(f"/tokens/{token.pk}/revoke/", follow=True).content.decode()
        absent = client.post(f"/tokens/{token.pk + 1}/revoke/", follow=True).content.decode()
        assert "There is no such token in use." in foreign
        assert "There is no such token in use." in absent
    assert status(text) == 200
    signed_in(administrator()).post(f"/tokens/{token.pk}/revoke/")
    assert status(text) == 401


def test_an_auditor_sees_tokens_and_makes_and_revokes_none(books: Books) -> None:
    text, _ = made(signed_in(somebody("frida", Role.FINANCE)), name="finance BI")
    client = signed_in(somebody("aude", Role.AUDITOR))
    page = client.get("/tokens/").content.decode()
    assert "finance BI" in page
    assert "Make a token" not in page
    assert client.post("/tokens/make/", FIELDS).status_code == 403
    client.post(f"/tokens/{ServiceToken.objects.get().pk}/revoke/")
    assert status(text) == 200


def test_a_member_has_no_tokens_page(books: Books) -> None:
    member = somebody("mia", (Role.TENANT_MEMBER, books.tenants["bank"]))
    assert signed_in(member).get("/tokens/").status_code == 403


def test_a_token_without_an_end_is_not_made_here(books: Books) -> None:
    client = signed_in(somebody("frida", Role.FINANCE))
    for days in ("", "0", "4000"):
        assert made(client, days=days)[0] == ""
    assert not ServiceToken.objects.exists()


def test_making_a_token_asks_again_for_who_signed_in_a_while_ago(books: Books) -> None:
    client = signed_in(somebody("frida", Role.FINANCE), ago=600)
    assert client.post("/tokens/make/", FIELDS).status_code == 302
    assert not ServiceToken.objects.exists()
