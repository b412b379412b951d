"""Who reads a page of changes, and what of it is theirs."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from attribution.queries.names import visible_names
from attribution.queries.placement import regions
from attribution.queries.scope import TenantScope
from portal.accounts.models import Person
from portal.accounts.needs import roles_with
from portal.accounts.permissions import Permission
from portal.accounts.person_of import person_of
from portal.accounts.reader import reader_of
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.errors import CannotChange
from portal.approvals.queries.inbox import visible


def admitted(
    request: HttpRequest, permission: Permission = Permission.APPROVALS
) -> tuple[TenantScope, Person]:
    """The reader's tenants there, and who they are. Raises PermissionDenied."""
    viewer = reader_of(request)
    if not viewer.may(permission):
        raise PermissionDenied(f"This is for {roles_with(permission)}.")
    return viewer.scope(permission), person_of(request)


def change_for(scope: TenantScope, person: Person, pk: int) -> ChangeRequest:
    """A change that they may know of; raises Http404 for any other, as for one that never was."""
    change = visible(scope, person).filter(pk=pk).select_related("requester", "tenant").first()
    if change is None:
        raise Http404
    return change


def choices_for(scope: TenantScope) -> dict[str, list[str]]:
    """Names that a form offers them."""
    kinds = ("pool", "service", "tenant", "cluster")
    names = {key: sorted(visible_names(key, scope).values()) for key in kinds}
    return names | {"region": [name for name, _ in regions()]}


def own_names_only(plan: dict[str, Any], scope: TenantScope) -> None:
    """What is not theirs is as unknown to them as what is not there. Raises CannotChange."""
    services = set(visible_names("service", scope).values())
    tenants = set(visible_names("tenant", scope).values())
    rows = [row for many in plan.get("declare", {}).values() for row in many]
    for row in rows:
        if "devices" in row and row.get("service") not in services:
            raise CannotChange("service: choose one that serves you")
        if "quota" in row and row.get("tenant") not in tenants:
            raise CannotChange("for tenant: choose one of yours")
