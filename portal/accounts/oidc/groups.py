"""Groups of a provider become roles, at each sign-in."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attribution.queries.names import tenant_id_named
from attribution.queries.scope import EVERYBODY
from attribution.queries.seen import seeing
from portal.accounts.models import Membership, User
from portal.identity_providers.declared import OidcProvider

logger = logging.getLogger(__name__)


def follow_groups(*, user: User, provider: OidcProvider, claims: Mapping[str, Any], now: datetime) -> None:
    """Give what the claim's groups mean and take what they no longer do. What was given by hand stays."""
    said = claims.get(provider.groups_claim)
    groups = said if isinstance(said, list) else [said]
    with seeing(EVERYBODY):  # nobody has signed in yet: tenants and roles are the product's business here
        wanted = _wanted(provider, {one for one in groups if isinstance(one, str)})
        held = Membership.objects.filter(user=user, provider=provider.key)
        for membership in held:
            if (membership.role, membership.tenant_id) not in wanted:
                membership.delete()
        for role, tenant_id in wanted:
            place: dict[str, Any] = {"user": user, "role": role, "tenant_id": tenant_id}
            Membership.objects.get_or_create(**place, defaults={"provider": provider.key, "given_at": now})


def _wanted(provider: OidcProvider, groups: set[str]) -> set[tuple[str, int | None]]:
    """Roles with their tenants' ids. A tenant that is not declared gives nothing, and the log says so."""
    wanted: set[tuple[str, int | None]] = set()
    for rule in provider.groups:
        if rule.group not in groups:
            continue
        tenant_id = tenant_id_named(rule.tenant) if rule.tenant else None
        if rule.tenant and tenant_id is None:
            logger.warning("group %s of %s: there is no tenant %s", rule.group, provider.key, rule.tenant)
            continue
        wanted.add((rule.role, tenant_id))
    return wanted
