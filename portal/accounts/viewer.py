"""Whoever looks: a person, a program, or the command line; and what they may see of whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from attribution.queries.scope import EVERYBODY, NOBODY, TenantScope
from portal.accounts.models import Person, Role, ServiceToken
from portal.accounts.permissions import BOUND, OF_ROLE, OF_TENANTS, Permission, of_scopes


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

    def __or__(self, other: "Viewer") -> "Viewer":
        both = {one: self.scope(one) | other.scope(one) for one in self.scopes.keys() | other.scopes.keys()}
        return Viewer(both)

    def knowing(self, known: TenantScope) -> "Viewer":
        """The same, with the ids of these tenants' subtrees at hand wherever it is they."""
        return Viewer({one: known if scope == known else scope for one, scope in self.scopes.items()})


COMMAND_LINE = Viewer(dict.fromkeys(Permission, EVERYBODY))
NO_ONE = Viewer({})
ADMINISTRATOR = Viewer(dict.fromkeys(OF_ROLE[Role.ADMINISTRATOR], EVERYBODY))


def viewer_of(who: Any) -> Viewer:
    """The viewer behind a user or a service token; nobody at all for an anonymous or inactive one."""
    if isinstance(who, ServiceToken):
        return _of_token(who)
    if not who.is_authenticated or not who.is_active:
        return NO_ONE
    if who.is_superuser:
        return ADMINISTRATOR
    viewer = viewer_of_roles((one.role, one.tenant_id) for one in who.memberships.all())
    known = getattr(who, "seen_tenants", None)  # portal/accounts/seen.py has asked for them
    return viewer if known is None else viewer.knowing(known)


def viewer_of_roles(roles: Iterable[tuple[str, int | None]]) -> Viewer:
    """What these roles allow together, each in its tenant or everywhere (None)."""
    viewer = NO_ONE
    for role, tenant_id in roles:
        allowed = OF_ROLE[role]
        if tenant_id is None:
            viewer |= Viewer(dict.fromkeys(allowed, EVERYBODY))
        else:
            bound = TenantScope(frozenset({tenant_id}))
            viewer |= Viewer(dict.fromkeys(allowed & BOUND, bound))
    return viewer


def viewer_of_person(person: Person) -> Viewer:
    """What somebody may by all their accounts together."""
    viewer = NO_ONE
    # Columns that workers may read too, who tell people what became of their changes.
    known = person.users.only("person", "is_active", "is_superuser")
    for user in known.prefetch_related("memberships"):
        viewer |= viewer_of(user)
    return viewer


def within(viewer: Viewer, tenant_id: int | None, permissions: Iterable[Permission]) -> Viewer:
    """What is left of a viewer's permissions in one tenant's subtree, or everywhere they hold (None)."""
    scopes: dict[Permission, TenantScope] = {}
    for permission in permissions:
        scope = viewer.scope(permission)
        if tenant_id is None:
            scopes |= {permission: scope} if viewer.may(permission) else {}
        elif permission in OF_TENANTS and scope.holds(tenant_id):
            scopes[permission] = TenantScope(frozenset({tenant_id}))
    return Viewer(scopes)


def _of_token(token: ServiceToken) -> Viewer:
    """What its scopes name, of its tenant, as far as its owner may read that now."""
    owner_may = token.owner_may or viewer_of_person(token.owner)
    return within(owner_may, token.tenant_id, of_scopes(token.scopes))
