"""Who has which role where, as far as a reader may know."""

from collections import defaultdict

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


def accounts_by_person() -> list[User]:
    """Every account by its name; `also` are the names of the same person's other accounts."""
    accounts = list(User.objects.order_by("username"))
    names: dict[int, list[str]] = defaultdict(list)
    for one in accounts:
        names[one.person_id].append(one.username)
    for one in accounts:
        one.also = [name for name in names[one.person_id] if name != one.username]  # type: ignore[attr-defined]  # for the page
    return accounts


def tenant_names(scope: TenantScope) -> list[str]:
    """What a reader may choose from."""
    return sorted(visible_names("tenant", scope).values())
