"""Cost components: what of the ledger stands under which colour, on every page the same."""

from collections.abc import Mapping

SERVING, IDLE, NETWORK, SHARED, FAILED, UNALLOCATED, ADJUSTMENT = (
    "serving", "idle", "network", "shared", "failed", "unallocated", "adjustment",
)  # fmt: skip

# In the order in which they are stacked and listed.
COMPONENTS: Mapping[str, str] = {
    SERVING: "Serving",
    IDLE: "Idle and reserve",
    NETWORK: "Network and egress",
    SHARED: "Shared platform",
    FAILED: "Failed requests",
    UNALLOCATED: "Unallocated",
    ADJUSTMENT: "Adjustments",
}

USES: Mapping[str, str] = {
    "serving": "Serving",
    "serving_failed": "Failed requests",
    "loading": "Loading",
    "stalled": "Stalled",
    "warm_reserve": "Warm reserve",
    "failover_reserve": "Failover reserve",
    "idle": "Idle",
    "unallocated": "Held by nobody",
    "unready": "Not ready",
    "no_data": "No data",
    "billed_not_seen": "Billed, not seen",
    "commitment_unused": "Unused commitment",
    "transfer": "Transfer",
    "storage": "Storage",
    "provider": "Provider API",
    "shared": "Shared",
    "adjustment": "Adjustment of a closed month",
}

KINDS: Mapping[str, str] = {
    "accelerator": "Accelerators",
    "network": "Network",
    "egress": "Egress",
    "storage": "Storage",
    "provider_api": "Provider API",
    "tool_calls": "Tool calls",
    "observability": "Observability",
    "platform": "Platform",
    "tax_and_credit": "Tax and credit",
}

_OF_USE: Mapping[str, str] = {
    "serving": SERVING,
    # A managed endpoint's bill is what answering cost, as an accelerator's minutes are.
    "provider": SERVING,
    "serving_failed": FAILED,
    "loading": IDLE,
    "stalled": IDLE,
    "warm_reserve": IDLE,
    "failover_reserve": IDLE,
    "idle": IDLE,
    "unallocated": UNALLOCATED,
    "unready": UNALLOCATED,
    "no_data": UNALLOCATED,
    "billed_not_seen": UNALLOCATED,
    "commitment_unused": UNALLOCATED,
    "transfer": NETWORK,
    "storage": SHARED,
    "shared": SHARED,
    "adjustment": ADJUSTMENT,
}


def component_of(kind: str, use: str) -> str:
    """The component of a ledger line. Network and egress stand together, whatever their use;
    what corrects a closed month stands apart, whatever its kind.

    KeyError for a use that the ledger does not have.
    """
    if use == "adjustment":
        return ADJUSTMENT
    return NETWORK if kind in ("network", "egress") else _OF_USE[use]
