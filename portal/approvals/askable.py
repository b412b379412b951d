"""Which kinds of changes somebody may ask for: those that a policy lets one of their roles ask for."""

from collections.abc import Iterable

from django.conf import settings

from attribution.queries.scope import TenantScope
from portal.accounts.models import Person
from portal.approvals.domain.kinds import OF_TENANTS, Kind
from portal.approvals.forms import FORMS
from portal.approvals.policy_file import policies_of
from portal.approvals.queries.seats import roles_of


def kinds_with_form(scope: TenantScope) -> list[Kind]:
    """Those of tenants for whoever is bound to some."""
    return [kind for kind in FORMS if kind in OF_TENANTS or not scope.bound]


def kinds_askable(scope: TenantScope, person: Person) -> list[Kind]:
    """What a menu offers; a larger change of such a kind may still take another role."""
    tenants: Iterable[int | None] = scope.roots or () if scope.bound else (None,)
    roles = {role for tenant in tenants for role in roles_of(person, tenant)}
    return [kind for kind in kinds_with_form(scope) if roles & requesters(kind)]


def requesters(kind: Kind) -> set[str]:
    """Every role that asks for changes of a kind, whatever their size."""
    policies = policies_of(settings.ENV.approval_policy)
    return {role for policy in policies if policy.kind is kind for role in policy.requesters}
