"""Who bears what, where no distribution rule says so."""

from attribution.domain.distribution import Method
from attribution.domain.ledger import Rule

_PROPORTIONAL = ("loading", "stalled", "warm_reserve")
_KEPT = Rule(0, Method.KEEP, {}, None)
_BY_WORK = Rule(0, Method.PROPORTIONAL, {}, None)
_BY_ENTITLEMENT = Rule(0, Method.ENTITLEMENT, {}, None)


def default_rule(use: str, *, of_a_service: bool) -> Rule:
    """Warm reserve, loading and stalled follow the service's tenants; failover reserve goes by entitlement.

    A charge that is a service's own (its provider spend, its storage) follows that service's tenants too,
    and what is one tenant's own without a service follows that tenant.
    All else is kept: the platform bears it, and it is shown.
    """
    if use == "failover_reserve":
        return _BY_ENTITLEMENT
    if of_a_service and use in (*_PROPORTIONAL, "provider", "storage", "transfer", "shared"):
        return _BY_WORK
    return _KEPT
