"""People with accounts, and windows in which they have just shown that it is them."""

import time
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from portal.accounts.models import Membership, Role


def somebody(name: str, *roles: Role | tuple[Role, Any]) -> Any:
    """An account with these roles; a pair has its tenant."""
    user, _ = get_user_model().objects.get_or_create(username=name)
    for role in roles:
        of, tenant = role if isinstance(role, tuple) else (role, None)
        Membership.objects.get_or_create(user=user, role=of, tenant=tenant)
    return user


def administrator(name: str = "root") -> Any:
    """Somebody who gives roles and sees everything."""
    return somebody(name, Role.ADMINISTRATOR)


def signed_in(user: Any, *, ago: float = 0) -> Client:
    """A client whose user showed `ago` seconds ago that it is them; force_login alone shows nothing."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
