"""An account for each role, two for those who approve: nobody agrees to what they asked for.

Their password is this installation's, made from its secret key.
"""

import hashlib
import hmac
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from attribution.queries.names import tenant_id_named
from portal.accounts.models import Membership, User


class Login(NamedTuple):
    """An account of the demo: `tenant` is the one that it is bound to, None sees all."""

    name: str
    role: str
    tenant: str | None
    person: str


LOGINS = (
    Login("lena", "tenant_lead", "Customer chat", "Lena Vogt"),
    Login("mia", "tenant_member", "Claims", "Mia Brandt"),
    Login("ingrid", "tenant_lead", "Retail Bank", "Ingrid Solheim"),
    Login("frida", "finance", None, "Frida Holm"),
    Login("finn", "finance", None, "Finn Dahl"),
    Login("pavel", "platform_owner", None, "Pavel Novotny"),
    Login("petra", "platform_owner", None, "Petra Lang"),
    Login("aiko", "analyst", None, "Aiko Tanaka"),
    Login("otto", "operator", None, "Otto Keller"),
    Login("aude", "auditor", None, "Aude Martin"),
    Login("ada", "administrator", None, "Ada Moreau"),
)


def user_named(login: str) -> User:
    """An account of the demo."""
    return User.objects.get(username=login)


def password() -> str:
    """The same at every start of this installation, and of no other."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"demo accounts", hashlib.sha256).hexdigest()
    return f"demo-{digest[:4]}-{digest[4:8]}"


def make_users() -> None:
    """Make the accounts that are missing, all with this installation's password."""
    there = User.objects.filter(username__in=[login.name for login in LOGINS])
    last = there.filter(username=LOGINS[-1].name).first()
    if last is not None and there.count() == len(LOGINS) and last.check_password(password()):
        return  # they are made together; to check each password would take seconds, as it should
    with transaction.atomic():
        for login in LOGINS:
            _make(login)


def _make(login: Login) -> None:
    first, _, last = login.person.partition(" ")
    user, _ = User.objects.get_or_create(
        username=login.name, defaults={"first_name": first, "last_name": last}
    )
    user.set_password(password())
    user.save(update_fields=["password"])
    bound: dict[str, Any] = (
        {"tenant_id": tenant_id_named(login.tenant)} if login.tenant else {"tenant__isnull": True}
    )
    Membership.objects.get_or_create(user=user, role=login.role, **bound)
