"""Whoever looks: a person, a program, or the command line; and what they may see of whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attribution.queries.scope import EVERYBODY, NOBODY, TenantScope
from portal.accounts.models import Membership, ServiceToken
from portal.accounts.permissions import OF_ROLE, OF_TENANTS, Permission, of_scopes


@dataclass(frozen=True)
class Viewer:
    """Permissions, each with the tenants that it holds for."""

    scopes: Mapping[Permission, TenantScope]

    def may(self, permission: Permission) -> bool:
        """Whether the viewer may ask at all."""
        return permission in self.scopes

    def scope(self, permission: Permission) -> TenantScope:
        """Whose figures the viewer sees there; nobody's without the permission."""
        return self.scopes.get(permission, NOBODY)


COMMAND_LINE = Viewer(dict.fromkeys(Permission, EVERYBODY))
NO_ONE = Viewer({})


def viewer_of(who: Any) -> Viewer:
    """The viewer behind a user or a service token; nobody at all for an anonymous or inactive one."""
    if isinstance(who, ServiceToken):
        return _of_token(who)
    if not who.is_authenticated or not who.is_active:
        return NO_ONE
    if who.is_superuser:
        return COMMAND_LINE
    return _of_memberships(who.memberships.all())


def scope_of(who: Any, permission: Permission = Permission.COSTS) -> TenantScope:
    """Whose figures a user or a service token sees; nobody's where the permission is missing."""
    return viewer_of(who).scope(permission)


def _of_token(token: ServiceToken) -> Viewer:
    permissions = of_scopes(token.scopes)
    if token.tenant_id is None:
        return Viewer(dict.fromkeys(permissions, EVERYBODY))
    return Viewer(dict.fromkeys(permissions & OF_TENANTS, TenantScope(frozenset({token.tenant_id}))))


def _of_memberships(memberships: Any) -> Viewer:
    scopes: dict[Permission, TenantScope] = {}
    membership: Membership
    for membership in memberships:
        tenant = membership.tenant_id
        of_role = EVERYBODY if tenant is None else TenantScope(frozenset({tenant}))
        for permission in OF_ROLE[membership.role]:
            scopes[permission] = scopes[permission] | of_role if permission in scopes else of_role
    return Viewer(scopes)
