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
    """What is not theirs is as unknown to them as what is not there. Raises CannotChange.

    Before anything else judges the plan: whoever sees everything names what there is instead.
    """
    own = {key: {"", *visible_names(key, scope).values()} for key in ("service", "tenant", "pool")}
    declare = plan.get("declare", {})
    tables = [*declare.values(), *declare.get("withdraw", {}).values()]
    rows = [row for many in tables if isinstance(many, list) for row in many]
    for row in [plan, plan.get("expect") or {}, *rows]:
        if row.get("service", "") not in own["service"] or ("kind" in row and not row.get("service")):
            raise CannotChange("service: choose one that serves you")
        if row.get("tenant", "") not in own["tenant"] or ("quota" in row and not row.get("tenant")):
            raise CannotChange("for tenant: choose one of yours")
        pool = f"{row['cluster']}/{row.get('pool', '')}" if "cluster" in row else row.get("pool", "")
        if pool not in own["pool"]:
            raise CannotChange("pool: choose one of the list")
