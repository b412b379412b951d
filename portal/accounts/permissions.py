"""What there is to see, and which role sees it."""

from collections.abc import Mapping
from enum import StrEnum

from portal.accounts.models import Role


class Permission(StrEnum):
    """A screen, and what the API answers about it."""

    COSTS = "costs"
    UNIT_COSTS = "unit-costs"
    UTILIZATION = "utilization"
    RECONCILIATION = "reconciliation"
    DATA_HEALTH = "data-health"
    PREVIEW = "preview"

    @property
    def codename(self) -> str:
        """The name that `user.has_perm` and the menu know, such as `accounts.see_unit_costs`."""
        return f"accounts.see_{self.value.replace('-', '_')}"


# What can be asked about a tenant without telling of another one, of the platform or of a bill.
OF_TENANTS = frozenset({Permission.COSTS, Permission.UNIT_COSTS})
_ALL = frozenset(Permission)
OF_ROLE: Mapping[str, frozenset[Permission]] = {
    Role.TENANT_MEMBER: OF_TENANTS,
    Role.TENANT_LEAD: OF_TENANTS,
    Role.ANALYST: _ALL - {Permission.RECONCILIATION, Permission.DATA_HEALTH, Permission.PREVIEW},
    Role.FINANCE: _ALL,
    Role.PLATFORM_OWNER: _ALL,
    Role.OPERATOR: _ALL,
    Role.AUDITOR: _ALL,
}

# Scopes of tokens: `read` is everything that the API reads.
READ = "read"
API = (Permission.COSTS, Permission.UNIT_COSTS, Permission.UTILIZATION, Permission.RECONCILIATION)
# A preview costs seconds of work, so `read` does not include it.
SCOPES = (READ, *(permission.value for permission in API), Permission.PREVIEW.value)


def of_scopes(scopes: list[str]) -> frozenset[Permission]:
    """The permissions of a token's scopes."""
    return frozenset(API) if READ in scopes else frozenset(Permission(scope) for scope in scopes)
