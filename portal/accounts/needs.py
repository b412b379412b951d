"""A page's permission, asked before anything else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from portal.accounts.permissions import OF_ROLE, Permission
from portal.accounts.reader import reader_of

View = Callable[..., HttpResponseBase]


def needs(permission: Permission) -> Callable[[View], View]:
    """Refuse a view to who has not this permission anywhere, naming the roles that have it."""

    def decorated(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not reader_of(request).may(permission):
                raise PermissionDenied(f"This is for {roles_with(permission)}.")
            return view(request, *args, **kwargs)

        return asked

    return decorated


def roles_with(permission: Permission) -> str:
    """Such as "the roles finance and auditor"."""
    names = [str(role).replace("_", " ") for role, allowed in OF_ROLE.items() if permission in allowed]
    if len(names) == 1:
        return f"the role {names[0]}"
    return f"the roles {', '.join(names[:-1])} and {names[-1]}"
