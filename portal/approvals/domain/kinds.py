"""What can be asked for."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """Every kind of change goes the same way: states.py."""

    CAPACITY = "capacity"
    WARM_POOL = "warm_pool"
    RESERVE = "reserve"
    FAILOVER_PLAN = "failover_plan"
    DRILL = "drill"
    RESIDENCY_EXCEPTION = "residency_exception"
    UPGRADE_PROMOTION = "upgrade_promotion"
    UPGRADE_ROLLBACK = "upgrade_rollback"
    TENANT_QUOTA = "tenant_quota"
    ALLOCATION_RULE = "allocation_rule"
    PRICE_BOOK = "price_book"
    TOKEN_COEFFICIENTS = "token_coefficients"  # noqa: S105 - tokens of models
    PERIOD_CLOSE = "period_close"
    PERIOD_REOPEN = "period_reopen"
    ADJUSTMENT = "adjustment"
    BREAK_GLASS = "break_glass"

    @property
    def label(self) -> str:
        """For people: "warm pool"."""
        return _SAID_OTHERWISE.get(self, self.value.replace("_", " "))

    @property
    def one(self) -> str:
        """In a sentence: "an allocation rule"."""
        article = "an" if self.label[0] in "aeiou" else "a"
        return _WITHOUT_ARTICLE.get(self, f"{article} {self.label}")


_SAID_OTHERWISE: Mapping[Kind, str] = {Kind.TOKEN_COEFFICIENTS: "token weights"}
_WITHOUT_ARTICLE: Mapping[Kind, str] = {
    Kind.CAPACITY: "capacity",
    Kind.TOKEN_COEFFICIENTS: "a set of token weights",
    Kind.BREAK_GLASS: "a change in an emergency",
}

# Carried out by somebody else's hands: published, acknowledged, and then looked for in telemetry.
PUBLISHED = frozenset(
    {
        Kind.CAPACITY,
        Kind.WARM_POOL,
        Kind.FAILOVER_PLAN,
        Kind.DRILL,
        Kind.RESIDENCY_EXCEPTION,
        Kind.UPGRADE_PROMOTION,
        Kind.UPGRADE_ROLLBACK,
        Kind.BREAK_GLASS,
    }
)

# Which tables of fleet.toml a plan of this kind may declare, as `declare`.
DECLARES: Mapping[Kind, frozenset[str]] = {
    Kind.CAPACITY: frozenset({"reserve", "entitlement"}),
    Kind.WARM_POOL: frozenset({"reserve"}),
    Kind.FAILOVER_PLAN: frozenset({"reserve"}),
    Kind.RESERVE: frozenset({"reserve"}),
    Kind.TENANT_QUOTA: frozenset({"entitlement"}),
    Kind.ALLOCATION_RULE: frozenset({"distribution"}),
    Kind.PRICE_BOOK: frozenset({"price_book", "price"}),
}

# Of a month of the ledger, which is in review while its closing is asked for.
MONTHS = frozenset({Kind.PERIOD_CLOSE, Kind.PERIOD_REOPEN})

# They bring data to where their pools stand, so rules of residency are asked.
PLACED = frozenset(
    {
        Kind.CAPACITY,
        Kind.WARM_POOL,
        Kind.FAILOVER_PLAN,
        Kind.DRILL,
        Kind.RESIDENCY_EXCEPTION,
    }
)

# They change versions, or go where other ones run. Only a promotion is refused by a rule of compatibility: a
# way back or a failover has to be open when something is wrong already.
VERSIONED = frozenset({Kind.UPGRADE_PROMOTION, Kind.UPGRADE_ROLLBACK, Kind.FAILOVER_PLAN})

# What a lead may ask for in their tenant's name; the rest concerns more than one tenant.
OF_TENANTS = frozenset({Kind.CAPACITY, Kind.WARM_POOL, Kind.RESERVE, Kind.TENANT_QUOTA})
