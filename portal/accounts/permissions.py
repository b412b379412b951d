"""What there is to see and to do, and which role may."""

from collections.abc import Mapping
from enum import StrEnum

from portal.accounts.models import Role


class Permission(StrEnum):
    """A screen and what the API answers about it, or an act. That it takes two people, the rooms see to."""

    COSTS = "costs"
    UNIT_COSTS = "unit-costs"
    UTILIZATION = "utilization"
    RECONCILIATION = "reconciliation"
    DATA_HEALTH = "data-health"
    PREVIEW = "preview"
    PERIODS = "periods"
    APPROVALS = "approvals"
    AUDIT = "audit"
    MEMBERS = "members"
    TOKENS = "tokens"

    CLOSE_PERIODS = "close-periods"
    REQUEST_CHANGES = "request-changes"
    APPROVE_CHANGES = "approve-changes"
    MANAGE_MEMBERS = "manage-members"
    MAKE_TOKENS = "make-tokens"
    CARRY_OUT = "changes"  # of tokens: read what was published, and acknowledge it

    @property
    def codename(self) -> str:
        """What `user.has_perm` and the menu know it by: `accounts.see_unit_costs`, `accounts.make_tokens`."""
        name = self.value.replace("-", "_")
        return f"accounts.{name}" if self in ACTS else f"accounts.see_{name}"


P = Permission
ACTS = frozenset(
    {P.CLOSE_PERIODS, P.REQUEST_CHANGES, P.APPROVE_CHANGES, P.MANAGE_MEMBERS, P.MAKE_TOKENS, P.CARRY_OUT}
)
# What can be asked about a tenant without telling of another one, of the platform or of a bill.
OF_TENANTS = frozenset({P.COSTS, P.UNIT_COSTS})
# What a role bound to a tenant can mean; of the rest it has nothing, since that is not divided by tenant.
BOUND = OF_TENANTS | {
    P.APPROVALS,
    P.MEMBERS,
    P.TOKENS,
    P.REQUEST_CHANGES,
    P.APPROVE_CHANGES,
    P.MAKE_TOKENS,
}
_SEEING = frozenset(P) - ACTS
_FIGURES = OF_TENANTS | {P.UTILIZATION, P.RECONCILIATION, P.DATA_HEALTH, P.PREVIEW}
_COMMON = _FIGURES | {P.PERIODS, P.APPROVALS, P.AUDIT, P.TOKENS}
OF_ROLE: Mapping[str, frozenset[Permission]] = {
    Role.TENANT_MEMBER: OF_TENANTS,
    Role.TENANT_LEAD: OF_TENANTS | {P.APPROVALS, P.MEMBERS, P.TOKENS, P.REQUEST_CHANGES, P.MAKE_TOKENS},
    Role.ANALYST: OF_TENANTS | {P.UTILIZATION, P.TOKENS, P.MAKE_TOKENS},
    Role.FINANCE: _COMMON | {P.CLOSE_PERIODS, P.REQUEST_CHANGES, P.APPROVE_CHANGES, P.MAKE_TOKENS},
    Role.PLATFORM_OWNER: _SEEING
    | {P.CARRY_OUT, P.CLOSE_PERIODS, P.REQUEST_CHANGES, P.APPROVE_CHANGES, P.MAKE_TOKENS},
    Role.OPERATOR: _COMMON | {P.CARRY_OUT, P.REQUEST_CHANGES, P.MAKE_TOKENS},
    Role.AUDITOR: _SEEING,
    # Gives roles, and so neither closes nor approves: whoever did both could do alone what takes two.
    Role.ADMINISTRATOR: _SEEING | {P.MANAGE_MEMBERS, P.MAKE_TOKENS},
}

# Scopes of tokens: `read` is everything that the API reads.
READ = "read"
API = (P.COSTS, P.UNIT_COSTS, P.UTILIZATION, P.RECONCILIATION)
# A preview costs seconds of work, and the audit trail is not about figures: `read` includes neither.
# Programs ask for changes like people do; `changes` is for those that carry them out.
CHANGES = (P.REQUEST_CHANGES, P.APPROVE_CHANGES)
SCOPES = (
    READ,
    *(permission.value for permission in (*API, P.PREVIEW, P.AUDIT, P.CARRY_OUT, *CHANGES)),
)


def of_scopes(scopes: list[str]) -> frozenset[Permission]:
    """The permissions of a token's scopes: all of them together, whatever else `read` reads."""
    found = frozenset(Permission(scope) for scope in scopes if scope != READ)
    if READ in scopes:
        found |= frozenset(API)
    return found | {P.APPROVALS} if found & set(CHANGES) else found
