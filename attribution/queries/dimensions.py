"""What answers can be grouped and filtered by. Each is a fixed column of a fixed statement."""

from enum import StrEnum

KINDS = (
    "accelerator", "network", "egress", "storage", "provider_api", "tool_calls", "observability", "platform",
    "tax_and_credit",
)  # fmt: skip
USES = (
    "serving", "serving_failed", "loading", "stalled", "warm_reserve", "failover_reserve", "idle",
    "unallocated", "unready", "no_data", "billed_not_seen", "commitment_unused", "transfer", "storage",
    "provider", "shared", "adjustment",
)  # fmt: skip
BASES = ("measured", "modelled", "policy", "estimated")


class CostDimension(StrEnum):
    """Group-by of costs."""

    TENANT = "tenant"
    SERVICE = "service"
    MODEL = "model"
    CLUSTER = "cluster"
    POOL = "pool"
    KIND = "kind"
    USE = "use"
    BASIS = "basis"
    DAY = "day"
    HOUR = "hour"


class UnitDimension(StrEnum):
    """Group-by of unit costs."""

    TENANT = "tenant"
    SERVICE = "service"
    MODEL = "model"


class UtilizationDimension(StrEnum):
    """Group-by of utilization."""

    POOL = "pool"
    SERVICE = "service"
    DAY = "day"
    HOUR = "hour"


# Dimensions whose values are names of declared or found things.
NAMED = ("tenant", "service", "model", "cluster", "pool")
# Dimensions whose values are words of the product.
WORDS = {"kind": KINDS, "use": USES, "basis": BASES}
