"""Who may see what, and of whom."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client

from attribution.queries.scope import EVERYBODY, NOBODY, TenantScope
from portal.accounts.models import GLOBAL_ROLES, Membership, Role
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of
from tests.support.books import small_books

pytestmark = pytest.mark.django_db
RANGE = "from=2026-03-04&to=2026-03-05"


def person(*roles: Role | tuple[Role, Any]) -> Any:
    """A new user with these roles; a pair has a tenant."""
    user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
    for role in roles:
        name, tenant = role if isinstance(role, tuple) else (role, None)
        Membership.objects.create(user=user, role=name, tenant_id=tenant.pk if tenant else None)
    return user


def sees(user: Any) -> set[str]:
    """What the person may see."""
    return {permission.value for permission in Permission if viewer_of(user).may(permission)}


FIGURES = {"costs", "unit-costs", "utilization", "reconciliation", "data-health", "preview"}
SCREENS = FIGURES | {"periods", "approvals", "audit", "members", "tokens"}
LEAD = {"costs", "unit-costs", "approvals", "members", "tokens", "request-changes", "make-tokens"}
ACTS = {"close-periods", "request-changes", "approve-changes", "make-tokens"}
ROLES = {
    Role.ANALYST: {"costs", "unit-costs", "utilization", "tokens", "make-tokens"},
    Role.FINANCE: FIGURES | {"periods", "approvals", "audit", "tokens"} | ACTS,
    Role.PLATFORM_OWNER: SCREENS | ACTS | {"changes"},
    Role.OPERATOR: FIGURES
    | {"changes", "periods", "approvals", "audit", "tokens", "request-changes", "make-tokens"},
    Role.AUDITOR: SCREENS,
    Role.ADMINISTRATOR: SCREENS | {"manage-members", "make-tokens"},
}


def test_each_role_has_its_screens_and_acts() -> None:
    bank = small_books().tenants["bank"]
    assert sees(person((Role.TENANT_MEMBER, bank))) == {"costs", "unit-costs"}
    assert sees(person((Role.TENANT_LEAD, bank))) == LEAD
    for role, expected in ROLES.items():
        assert sees(person(role)) == expected, role
    assert sees(person()) == sees(AnonymousUser()) == set()


def test_nobody_both_gives_roles_and_closes_or_approves() -> None:
    for role in ROLES:
        if "manage-members" in sees(person(role)):
            assert not sees(person(role)) & {"close-periods", "approve-changes", "request-changes"}


def test_a_role_in_a_subtree_has_what_is_divided_by_tenant_and_only_there() -> None:
    books = small_books()
    bank = books.tenants["bank"]
    assert sees(person((Role.ANALYST, bank))) == {"costs", "unit-costs", "tokens", "make-tokens"}
    assert sees(person((Role.AUDITOR, bank))) == {"costs", "unit-costs", "approvals", "members", "tokens"}
    bound = {
        "costs",
        "unit-costs",
        "approvals",
        "tokens",
        "request-changes",
        "approve-changes",
        "make-tokens",
    }
    finance = person((Role.FINANCE, bank))
    assert sees(finance) == bound
    assert {viewer_of(finance).scope(Permission(name)).roots for name in bound} == {frozenset({bank.pk})}


def costs_of(who: Any) -> TenantScope:
    return viewer_of(who).scope(Permission.COSTS)


def test_a_tenant_role_holds_for_its_subtree() -> None:
    books = small_books()
    names = {tenant.pk: name for name, tenant in books.tenants.items()}
    scope = costs_of(person((Role.TENANT_LEAD, books.tenants["retail"])))
    assert {names[pk] for pk in scope.tenant_ids() or ()} == {"retail", "chat-team", "search-team"}


def test_roles_add_up() -> None:
    books = small_books()
    bank, retail = books.tenants["bank"], books.tenants["retail"]
    both = person((Role.TENANT_LEAD, bank), (Role.TENANT_MEMBER, retail))
    assert costs_of(both).roots == {bank.pk, retail.pk}
    more = person((Role.TENANT_LEAD, bank), Role.ANALYST)
    assert costs_of(more) == EVERYBODY
    assert viewer_of(more).scope(Permission.RECONCILIATION) == NOBODY


def test_somebody_inactive_sees_nothing() -> None:
    user = person(Role.FINANCE)
    user.is_active = False
    assert sees(user) == set()


def test_the_menu_and_pages_ask_by_codename() -> None:
    books = small_books()
    user = person((Role.TENANT_MEMBER, books.tenants["bank"]))
    assert user.has_perm("accounts.see_costs")
    assert user.has_perm("accounts.see_unit_costs")
    assert not user.has_perm("accounts.see_reconciliation")
    assert not user.has_perm("accounts.see_data_health")


def test_the_database_refuses_a_role_in_the_wrong_place() -> None:
    books = small_books()
    for role in (*((role, books.tenants["bank"]) for role in GLOBAL_ROLES), Role.TENANT_LEAD):
        with pytest.raises(IntegrityError), transaction.atomic():
            person(role)
    twice = person(Role.FINANCE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=twice, role=Role.FINANCE)


def test_the_api_refuses_what_the_role_does_not_include() -> None:
    books = small_books()
    client = Client()
    client.force_login(person((Role.TENANT_MEMBER, books.tenants["bank"])))
    answers = {
        question: client.get(f"/api/v1/{question}?{RANGE}")
        for question in ("costs", "unit-costs", "utilization", "reconciliation")
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "costs": 200,
        "unit-costs": 200,
        "utilization": 403,
        "reconciliation": 403,
    }
    assert answers["utilization"].json() == {"error": "you may not read utilization"}
