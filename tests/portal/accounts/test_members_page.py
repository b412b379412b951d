"""Who sees and changes whose roles."""

import html
import re
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from portal.accounts.models import Membership, Role, User
from portal.accounts.roles import RoleError, take_role
from tests.support.books import Books, small_books
from tests.support.changes import second_account, token_of
from tests.support.people import administrator, signed_in, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db: None) -> Books:
    return small_books()


def words(answer: Any) -> str:
    return str(answer.content.decode())


def give(client: Client, account: str, role: str, tenant: str = "") -> str:
    fields = {"account": account, "role": role, "tenant": tenant}
    return words(client.post("/members/give/", fields, follow=True))


def roles_of(name: str) -> list[tuple[str, str | None]]:
    found = Membership.objects.filter(user__username=name)
    return [(one.role, one.tenant.name if one.tenant else None) for one in found]


def test_who_has_no_role_that_sees_members_is_told_which_has(books: Books) -> None:
    for user in (
        somebody("mia", (Role.TENANT_MEMBER, books.tenants["bank"])),
        somebody("aiko", Role.ANALYST),
    ):
        answer = signed_in(user).get("/members/")
        assert answer.status_code == 403
        assert "This is for the roles tenant lead, platform owner, auditor and administrator." in words(
            answer
        )


def test_a_lead_sees_the_members_of_their_own_tenants_and_nobody_else(books: Books) -> None:
    somebody("mia", (Role.TENANT_MEMBER, books.tenants["chat-team"]))
    somebody("nils", (Role.TENANT_MEMBER, books.tenants["bank"]))
    somebody("frida", Role.FINANCE)
    somebody("nobody")
    page = words(signed_in(somebody("lena", (Role.TENANT_LEAD, books.tenants["retail"]))).get("/members/"))
    assert "mia" in page
    assert "chat-team and below" in page
    for foreign in ("nils", "frida", "bank", "nobody", "Give a role"):
        assert foreign not in page


def test_only_administrators_change_roles(books: Books) -> None:
    mia = somebody("mia", (Role.TENANT_MEMBER, books.tenants["bank"]))
    membership = mia.memberships.get()
    others = [
        somebody(role, role)
        for role in Role.values
        if role not in ("tenant_member", "tenant_lead", "administrator")
    ]
    others.append(somebody("lead", (Role.TENANT_LEAD, books.tenants["bank"])))
    for user in others:
        client = signed_in(user)
        for address, fields in (
            ("/members/give/", {"account": "mia", "role": "finance"}),
            (f"/members/{membership.pk}/take/", {}),
            ("/members/invite/", {"name": "x"}),
            (f"/members/accounts/{mia.pk}/close/", {}),
            (f"/members/accounts/{mia.pk}/link/", {}),
        ):
            assert client.post(address, fields).status_code == 403, (user, address)
    assert roles_of("mia") == [("tenant_member", "bank")]


def test_an_administrator_gives_and_takes_a_role_and_the_page_says_by_whom(books: Books) -> None:
    somebody("mia")
    root = administrator()
    client = signed_in(root)
    assert "mia now is tenant lead." in give(client, "mia", "tenant_lead", "bank")
    membership = Membership.objects.get(user__username="mia")
    assert (membership.given_by, membership.provider) == (root.person, "")
    give(client, "mia", "tenant_lead", "bank")
    assert roles_of("mia") == [("tenant_lead", "bank")]
    assert "no longer is tenant lead" in words(client.post(f"/members/{membership.pk}/take/", follow=True))
    assert roles_of("mia") == []


@pytest.mark.parametrize(
    ("role", "tenant", "said"),
    [
        ("tenant_lead", "", "is of a tenant: choose one"),
        ("operator", "bank", "holds everywhere"),
        ("king", "", "is no role"),
        ("finance", "nowhere", "There is no tenant"),
    ],
)
def test_a_role_in_the_wrong_place_is_refused_in_words(
    books: Books, role: str, tenant: str, said: str
) -> None:
    somebody("mia")
    assert said in give(signed_in(administrator()), "mia", role, tenant)
    assert roles_of("mia") == []


def test_nobody_changes_their_own_roles_by_any_of_their_accounts(books: Books) -> None:
    root = administrator()
    second = User.objects.create_user("root-at-idp", person=root.person)
    membership = Membership.objects.create(user=second, role=Role.AUDITOR)
    client = signed_in(root)
    assert "Nobody changes their own" in give(client, "root", "finance")
    assert "Nobody changes their own" in give(client, "root-at-idp", "finance")
    own = root.memberships.get()
    for pk in (own.pk, membership.pk):
        assert "Nobody changes their own" in words(client.post(f"/members/{pk}/take/", follow=True))
    assert roles_of("root") == [("administrator", None)]
    assert roles_of("root-at-idp") == [("auditor", None)]


def test_a_role_from_a_claim_is_taken_at_its_source(books: Books, settings: Any) -> None:
    settings.ENV = replace(settings.ENV, oidc=(SimpleNamespace(key="acme"),))
    mia = somebody("mia")
    membership = Membership.objects.create(user=mia, role=Role.FINANCE, provider="acme")
    client = signed_in(administrator())
    assert "comes from a group at acme" in words(client.post(f"/members/{membership.pk}/take/", follow=True))
    give(client, "mia", "finance")
    membership.refresh_from_db()
    assert (membership.provider, membership.given_by) == ("", administrator().person)


def test_a_role_whose_provider_is_declared_no_more_is_taken_by_hand(books: Books) -> None:
    membership = Membership.objects.create(user=somebody("mia"), role=Role.FINANCE, provider="acme")
    client = signed_in(administrator())
    assert "A group at acme, which is declared no more" in words(client.get("/members/"))
    client.post(f"/members/{membership.pk}/take/")
    assert roles_of("mia") == []


def test_accounts_of_two_persons_with_one_address_are_pointed_out(books: Books) -> None:
    for name, email in (("frida", "frida@acme.example"), ("frida-2", "Frida@Acme.Example"), ("mia", "")):
        user = somebody(name)
        user.email = email
        user.save()
    second_account(User.objects.get(username="frida"), "frida-3")
    User.objects.filter(username="frida-3").update(email="frida@acme.example")
    page = words(signed_in(administrator()).get("/members/"))
    assert page.count("same address as") == 3
    assert "same address as frida, frida-3" in page
    assert "frida, the same person as frida-3" in page
    assert "who may approve for one another" in page
    User.objects.filter(username="frida-2").update(email="other@acme.example")
    assert "who may approve for one another" not in words(signed_in(administrator()).get("/members/"))


def test_after_five_minutes_the_password_is_asked_for_and_then_the_role_is_given(books: Books) -> None:
    somebody("mia")
    root = administrator()
    root.set_password("a long word or two")
    root.save()
    client = signed_in(root, ago=600)
    fields = {"account": "mia", "role": "finance", "tenant": ""}
    asked = client.post("/members/give/", fields)
    assert asked.headers["Location"].startswith("/account/confirm/?next=")
    assert roles_of("mia") == []
    wrong = client.post(asked.headers["Location"], {"password": "wrong"})
    assert "That is not your password." in words(wrong)
    done = client.post(asked.headers["Location"], {"password": "a long word or two"})
    assert done.headers["Location"] == "/members/"
    assert roles_of("mia") == [("finance", None)]


def test_closing_an_account_ends_its_sessions(books: Books) -> None:
    mia = somebody("mia", Role.FINANCE)
    mia.set_password("a long word or two")
    mia.save()
    window, root = Client(), signed_in(administrator())
    window.post("/login/", {"login": "mia", "password": "a long word or two"})
    assert window.get("/account/").status_code == 200
    root.post(f"/members/accounts/{mia.pk}/close/")
    assert window.get("/account/").status_code == 302
    root.post(f"/members/accounts/{mia.pk}/close/", {"open": "1"})
    assert User.objects.get(pk=mia.pk).is_active
    assert window.get("/account/").status_code == 302  # whoever had stolen it does not get it back


def test_tokens_of_a_closed_account_stay_ended_unless_their_person_has_another(books: Books) -> None:
    mia, root = somebody("mia", Role.FINANCE), signed_in(administrator())
    second_account(mia, "mia-at-idp", Role.FINANCE)
    token = token_of(mia)
    for name, revoked in (("mia", False), ("mia-at-idp", True)):
        account = User.objects.get(username=name)
        root.post(f"/members/accounts/{account.pk}/close/")
        token.refresh_from_db()
        assert (token.revoked_at is not None) is revoked
    root.post(f"/members/accounts/{mia.pk}/close/", {"open": "1"})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_an_invitation_shows_its_link_once(books: Books, client: Client) -> None:
    page = words(
        signed_in(administrator()).post("/members/invite/", {"name": "mia", "full_name": "Mia Brandt"})
    )
    link = page.split('value="http://testserver')[1].split('"')[0]
    assert client.get(link).headers["Location"].endswith("-set-password/")
    assert User.objects.get(username="mia").person.name == "Mia Brandt"


LONG = f"x {'y' * 151}"
KEPT = {"name": "mia", "full_name": 'Mia "M" Brandt', "email": "mia@example.org"}


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("name", "mia", "A user with that username already exists."),
        ("name", "", "This field cannot be blank."),
        ("full_name", LONG, "Ensure this value has at most 150 characters"),
        ("email", "nowhere", "Enter a valid email address."),
    ],
)
def test_an_invitation_that_is_refused_keeps_what_was_typed_and_says_it_at_the_field(
    books: Books, field: str, sent: str, said: str
) -> None:
    somebody("mia")
    fields = KEPT | ({} if (field, sent) == ("name", "mia") else {"name": "new"}) | {field: sent}
    answer = signed_in(administrator()).post("/members/invite/", fields)
    page = words(answer)
    assert answer.status_code == 422
    inputs = {name: re.findall(rf'<input[^>]* name="{name}"[^>]*>', page)[0] for name in KEPT}
    for name, typed in fields.items():
        assert f'value="{html.escape(typed)}"' in inputs[name], name
        assert ("aria-invalid" in inputs[name], "autofocus" in inputs[name]) == (name == field,) * 2
    place = re.search(r'aria-describedby="([^"]+)"', inputs[field])
    assert place
    assert f'<span class="error" id="{place[1]}">{said}' in page
    assert not User.objects.filter(username="new").exists()


def test_the_last_administrator_stays(books: Books) -> None:
    root, by = administrator(), somebody("somebody").person
    membership = root.memberships.get()
    with pytest.raises(RoleError, match="leave no administrator"):
        take_role(by=by, membership_id=membership.pk)
    other = administrator("other")
    take_role(by=by, membership_id=membership.pk)
    other.is_active = False
    other.save()
    assert not roles_of("root")


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_take_the_role_from_each_other_at_once() -> None:
    for _ in range(10):
        pair = [administrator("one"), administrator("two")]
        start = threading.Barrier(2)

        def take(by: Any, of: Any, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                take_role(by=by.person, membership_id=of.memberships.get().pk)
            except RoleError:
                pass
            finally:
                connection.close()

        both = [threading.Thread(target=take, args=(a, b)) for a, b in (pair, reversed(pair))]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert Membership.objects.filter(role=Role.ADMINISTRATOR).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_take_it_and_nobody_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: counted without a lock, each of the two still sees the other one's role."""
    pair = [administrator("one"), administrator("two")]
    both = threading.Barrier(2, timeout=20)

    def counted() -> int:
        found = Membership.objects.filter(role=Role.ADMINISTRATOR).count()
        both.wait()
        return found

    monkeypatch.setattr("portal.accounts.roles._administrators", counted)

    def take(by: Any, of: Any) -> None:
        try:
            take_role(by=by.person, membership_id=of.memberships.get().pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(a, b)) for a, b in (pair, reversed(pair))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not Membership.objects.filter(role=Role.ADMINISTRATOR).exists()
