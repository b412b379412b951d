"""Who has which role where, as far as a reader may know."""

from collections import defaultdict
from typing import Any

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


def accounts_by_person() -> list[Any]:
    """Every account by its name; `also` are the names of the same person's other accounts.

    `alike` are those of other persons with the same e-mail address. Nothing is made of it: at a provider
    somebody may have written down an address that is not theirs.
    """
    accounts: list[Any] = list(User.objects.order_by("username"))
    of_person, of_address = defaultdict(list), defaultdict(list)
    for one in accounts:
        of_person[one.person_id].append(one)
        of_address[one.email.casefold()].append(one)
    for one in accounts:
        same = of_address[one.email.casefold()] if one.email else []
        one.also = [other.username for other in of_person[one.person_id] if other is not one]
        one.alike = [other.username for other in same if other.person_id != one.person_id]
    return accounts


def tenant_names(scope: TenantScope) -> list[str]:
    """What a reader may choose from."""
    return sorted(visible_names("tenant", scope).values())
