"""Giving and taking roles, and closing accounts: one transaction each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from attribution.queries.names import tenant_id_named
from portal.accounts.models import GLOBAL_ROLES, TENANT_ROLES, Membership, Person, Role, ServiceToken, User

OWN = "Nobody changes their own roles: ask another administrator."
LAST = "That would leave no administrator. Give somebody else the role first."


class RoleError(ValueError):
    """Why a role was not given or taken, for whoever asked."""


class InvitationError(RoleError):
    """Why nobody was invited: `fields` has the words for each of its fields."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


_FIELDS = {"username": "name", "first_name": "full_name", "last_name": "full_name"}


@transaction.atomic
def give_role(*, by: Person, username: str, role: str, tenant: str, now: datetime) -> Membership:
    """Give an account a role; `tenant` is a name, "" for everywhere. Twice is once. Raises RoleError.

    A role that came from a claim is theirs by hand from now on.
    """
    user = _account(username)
    if user.person_id == by.pk:
        raise RoleError(OWN)
    tenant_id = _place(role, tenant)
    place: dict[str, Any] = {"user": user, "role": role, "tenant_id": tenant_id}
    membership, new = Membership.objects.get_or_create(**place, defaults={"given_by": by, "given_at": now})
    if not new and membership.provider:
        membership.provider, membership.given_by, membership.given_at = "", by, now
        membership.save()
    return membership


def _account(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise RoleError(f"There is no account {username!r}. Invite them first.")
    return user


def _place(role: str, tenant: str) -> int | None:
    """The tenant's id, or None for everywhere."""
    if role not in Role.values:
        raise RoleError(f"{role!r} is no role.")
    if role in TENANT_ROLES and not tenant:
        raise RoleError(f"The role {Role(role).label} is of a tenant: choose one.")
    if role in GLOBAL_ROLES and tenant:
        raise RoleError(f"The role {Role(role).label} holds everywhere: choose no tenant.")
    tenant_id = tenant_id_named(tenant) if tenant else None
    if tenant and tenant_id is None:
        raise RoleError(f"There is no tenant {tenant!r}.")
    return tenant_id


@transaction.atomic
def take_role(*, by: Person, membership_id: int) -> Membership:
    """Take a role that no provider takes itself, and return what it was. Raises RoleError."""
    _administrators()
    membership = Membership.objects.select_related("user", "tenant").filter(pk=membership_id).first()
    if membership is None:
        raise RoleError("Nobody has that role any more.")
    if membership.user.person_id == by.pk:
        raise RoleError(OWN)
    if membership.follows_group:
        raise RoleError(
            f"That role comes from a group at {membership.provider}: take it there, or close the account."
        )
    membership.delete()
    if membership.role == Role.ADMINISTRATOR and not _administrators():
        raise RoleError(LAST)
    return membership


@transaction.atomic
def close_account(*, by: Person, user_id: int, closed: bool, now: datetime) -> User:
    """Close an account, which ends its sessions and its person's tokens, or open it. Raises RoleError.

    They stay ended when it is opened again: whoever has stolen one should not wait for that. Tokens go on
    where their person has another account.
    """
    _administrators()
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise RoleError("There is no such account.")
    if user.person_id == by.pk:
        raise RoleError(OWN)
    user.is_active = not closed
    user.save(update_fields=["is_active"])
    if closed and not _administrators():
        raise RoleError(LAST)
    if closed:
        for session in UserSession.objects.filter(user=user):
            session.end()
        if not User.objects.filter(person=user.person_id, is_active=True).exists():
            ServiceToken.objects.filter(owner=user.person_id, revoked_at=None).update(revoked_at=now)
    return user


def invite(*, username: str, full_name: str, email: str) -> User:
    """An account without a password or a role; a one-time link lets them in. Raises InvitationError."""
    first, _, last = full_name.strip().partition(" ")
    user = User(username=username.strip(), first_name=first, last_name=last, email=email.strip())
    user.set_unusable_password()
    try:
        user.full_clean(exclude=["person", "password"])
    except ValidationError as refusal:
        wrong = {_FIELDS.get(key, key): " ".join(words) for key, words in refusal.message_dict.items()}
        raise InvitationError(wrong) from None
    user.save()
    return user


def _administrators() -> int:
    """How many there are. Their accounts stay locked, so that two cannot take the role from each other."""
    kept = Q(is_superuser=True) | Q(memberships__role=Role.ADMINISTRATOR)
    ids = set(User.objects.filter(kept).values_list("pk", flat=True))
    active = User.objects.select_for_update().filter(pk__in=ids, is_active=True).order_by("pk")
    return len(active.filter(pk__in=User.objects.filter(kept).values("pk")))
