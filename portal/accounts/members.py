"""Who has which role where, as far as a reader may know."""

from django.db.models import QuerySet

from attribution.queries.names import visible_names
from attribution.queries.scope import TenantScope
from portal.accounts.models import Membership, User


def memberships_in(scope: TenantScope) -> QuerySet[Membership]:
    """Roles by account; a bound reader sees those of their own tenants, and nobody else's."""
    found = Membership.objects.select_related("user", "tenant", "given_by").order_by(
        "user__username", "role", "tenant__name"
    )
    tenants = scope.tenant_ids()
    return found if tenants is None else found.filter(tenant_id__in=tenants)


def accounts_without_role() -> QuerySet[User]:
    """Accounts that see nothing."""
    return User.objects.filter(memberships=None, is_superuser=False).order_by("username")


def tenant_names(scope: TenantScope) -> list[str]:
    """What a reader may choose from."""
    return sorted(visible_names("tenant", scope).values())
