"""What the database works out for an account is what its roles allow in Python."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attribution.models import Tenant
from attribution.queries.scope import NOBODY
from attribution.queries.seen import own_eyes
from portal.accounts.models import Membership, Role, ServiceToken
from portal.accounts.models.membership import GLOBAL_ROLES, TENANT_ROLES
from portal.accounts.seen import see_account
from portal.accounts.tokens import token_for
from portal.accounts.viewer import Viewer, viewer_of
from portal.audit.telling import _Teller
from portal.isolation import middleware
from tests.support.books import Books, small_books

pytestmark = pytest.mark.django_db
Given = Sequence[tuple[Role, str | None]]
CASES: dict[str, Given] = {
    **{f"{role}": [(role, None)] for role in Role if role not in TENANT_ROLES},
    **{f"{role} of retail": [(role, "retail")] for role in Role if role not in GLOBAL_ROLES},
    "two tenants": [(Role.TENANT_LEAD, "chat-team"), (Role.FINANCE, "bank")],
    "a tenant and everything": [(Role.TENANT_LEAD, "retail"), (Role.OPERATOR, None)],
    "a child and its parent": [(Role.TENANT_MEMBER, "chat-team"), (Role.TENANT_LEAD, "retail")],
    "no role": [],
}


@pytest.fixture
def books() -> Books:
    return small_books()


def person(books: Books, roles: Given, **more: Any) -> Any:
    user = get_user_model().objects.create_user("lena", **more)
    for role, tenant in roles:
        Membership.objects.create(user=user, role=role, tenant=books.tenants[tenant] if tenant else None)
    return user


def seen_tenants() -> set[str]:
    return set(Tenant.objects.values_list("name", flat=True))


def names(books: Books, viewer: Viewer) -> set[str]:
    """The tenants that a viewer sees anywhere."""
    ids = reduce(or_, viewer.scopes.values(), NOBODY).tenant_ids()
    return (
        set(books.tenants) if ids is None else {name for name, one in books.tenants.items() if one.pk in ids}
    )


@pytest.mark.parametrize("case", CASES)
def test_the_database_shows_what_the_roles_allow(books: Books, case: str) -> None:
    user = person(books, CASES[case])
    viewer = viewer_of(user)
    allowed = names(books, viewer)
    fresh = get_user_model().objects.get(username="lena")
    with own_eyes():
        see_account(fresh)
        assert seen_tenants() == allowed
        with CaptureQueriesContext(connection) as asked:
            assert viewer_of(fresh) == viewer
        assert not [query for query in asked if "membership" in query["sql"]], "its roles came with it"


def test_an_administrator_sees_everything_and_a_closed_account_nothing(books: Books) -> None:
    ada = person(books, [], is_superuser=True)
    with own_eyes():
        see_account(ada)
        assert seen_tenants() == set(books.tenants)
    get_user_model().objects.update(is_active=False)
    with own_eyes():
        see_account(ada)
        assert seen_tenants() == set()


def test_nothing_of_the_one_before_is_left(books: Books) -> None:
    lena = person(books, [(Role.FINANCE, None)])
    nobody = get_user_model().objects.create_user("otto")
    with own_eyes():
        see_account(lena)
        see_account(nobody)
        assert seen_tenants() == set()


def test_a_view_of_somebody_signed_in_begins_with_one_statement(books: Books) -> None:
    client = Client()
    client.force_login(person(books, [(Role.TENANT_LEAD, "retail")]))
    with CaptureQueriesContext(connection) as asked:
        client.get("/views/")
    words = [query["sql"] for query in asked if "see_" in query["sql"] or "membership" in query["sql"]]
    assert len(words) == 1, words


@pytest.mark.parametrize("of", [None, "retail", "chat-team", "bank"])
@pytest.mark.parametrize("case", CASES)
def test_the_database_shows_a_program_what_its_owner_may_see_of_its_tenant(
    books: Books, case: str, of: str | None
) -> None:
    text, token = token_of(books, person(books, CASES[case]), of)
    token.owner_may = None
    viewer = viewer_of(token)  # as the rows say, statement by statement
    with own_eyes():
        found = token_for(text, datetime.now(UTC))
        assert found is not None
        assert seen_tenants() == names(books, viewer)
        with CaptureQueriesContext(connection) as asked:
            assert viewer_of(found) == viewer
            assert found.owner.name == token.owner.name
        assert not asked.captured_queries, "its owner's roles came with it"


def test_an_administrators_program_sees_everything_and_a_closed_accounts_nothing(books: Books) -> None:
    text, _ = token_of(books, person(books, [(Role.FINANCE, None)], is_superuser=True), None)
    with own_eyes():
        found = token_for(text, datetime.now(UTC))
        assert found is not None
        assert seen_tenants() == set(books.tenants)
        assert viewer_of(found) == viewer_of(ServiceToken.objects.get())
    get_user_model().objects.update(is_active=False)
    with own_eyes():
        found = token_for(text, datetime.now(UTC))
        assert found is not None
        assert not viewer_of(found).scopes
        assert seen_tenants() == set()


@pytest.mark.parametrize("fault", ["hash", "revoked", "expired", "unknown"])
def test_who_has_no_usable_token_sees_nothing_in_the_database_either(
    books: Books, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where Python's own look at the hash and the state of a token were broken: there are two nets."""
    text, token = token_of(books, person(books, [(Role.FINANCE, None)]), None)
    now = datetime.now(UTC)
    if fault == "revoked":
        ServiceToken.objects.update(revoked_at=now)
    if fault == "expired":
        ServiceToken.objects.update(expires_at=now)
    if fault == "hash":
        text = f"apn_{token.prefix}_{'0' * 64}"
    if fault == "unknown":
        text = f"apn_00000000_{'0' * 64}"
    monkeypatch.setattr("portal.accounts.tokens.hmac.compare_digest", lambda *given: True)
    monkeypatch.setattr(ServiceToken, "usable", lambda *given: True)
    with own_eyes():
        assert (token_for(text, now) is None) == (fault == "unknown")
        assert seen_tenants() == set()


def token_of(books: Books, owner: Any, tenant: str | None) -> tuple[str, ServiceToken]:
    """A token that reads all of the API, also of an owner who could make none."""
    text = f"apn_12345678_{'1' * 64}"
    token = ServiceToken.objects.create(
        prefix="12345678", sha256=sha256(text.encode()).hexdigest(), name="BI", scopes=["read"],
        owner=owner.person, tenant=books.tenants[tenant] if tenant else None, created_at=datetime.now(UTC),
    )  # fmt: skip
    return text, token


def test_who_acts_is_told_within_the_first_statement_and_not_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telling goes past Django's own statements, where nothing counts it: at the connection itself."""
    client = Client()
    client.force_login(person(books, [(Role.TENANT_LEAD, "retail")]))
    told: list[str] = []
    usual = _Teller._tell

    def noted(self: Any, held: Any, sql: Any) -> None:
        before = getattr(held, "audit_told", None)
        usual(self, held, sql)
        if getattr(held, "audit_told", None) != before:
            told.append(str(sql))

    def seen(user: Any) -> None:
        see_account(user)
        told.clear()  # in a test the transaction is older than the request: what came before told by itself

    monkeypatch.setattr(_Teller, "_tell", noted)
    monkeypatch.setattr(middleware, "see_account", seen)
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    (first,) = [query["sql"] for query in asked if "see_account" in query["sql"]]
    assert "'user:lena'" in first
    assert "'GET /'" in first
    assert told == []
