"""What the database works out for an account is what its roles allow in Python."""

from collections.abc import Sequence

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attribution.models import Tenant
from attribution.queries.seen import own_eyes
from portal.accounts.models import Membership, Role
from portal.accounts.models.membership import GLOBAL_ROLES, TENANT_ROLES
from portal.accounts.seen import see_account
from portal.accounts.viewer import viewer_of
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


def person(books: Books, roles: Given, **more: bool) -> object:
    user = get_user_model().objects.create_user("lena", **more)
    for role, tenant in roles:
        Membership.objects.create(user=user, role=role, tenant=books.tenants[tenant] if tenant else None)
    return user


def seen_tenants() -> set[str]:
    return set(Tenant.objects.values_list("name", flat=True))


@pytest.mark.parametrize("case", CASES)
def test_the_database_shows_what_the_roles_allow(books: Books, case: str) -> None:
    user = person(books, CASES[case])
    viewer = viewer_of(user)
    ids = viewer.whole().tenant_ids()
    allowed = set(books.tenants) if ids is None else {n for n, one in books.tenants.items() if one.pk in ids}
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
