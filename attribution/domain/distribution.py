"""How what is not serving can be distributed, and why some of it is not."""

from enum import StrEnum


class Method(StrEnum):
    """How a rule distributes an amount."""

    KEEP = "keep"
    PROPORTIONAL = "proportional"
    ENTITLEMENT = "entitlement"
    EVEN = "even"
    FIXED = "fixed"
    OWNER = "owner"


class Kept(StrEnum):
    """Why an amount, or a part of it, stays with the platform."""

    BY_RULE = "kept by rule"
    NOTHING_SERVED = "nothing was served to share it by"
    NO_ENTITLEMENT = "no tenant is entitled"
    NO_FIXED_SHARE = "no fixed shares are declared"
    NO_OWNER = "no owner is named"
    SERVED_WITHOUT_TENANT = "served to an unknown tenant"
    BEYOND_FIXED_SHARES = "the fixed shares leave a rest"
    NO_REQUESTS = "no requests in this hour"
    NO_SERVICE_RULE = "no service rule matches the holder"
    NOT_MEASURED = "kept by rule, as nothing measured who caused it"
    NO_SENDER = "the sender is no service's and no tenant's pod"
    NOT_COUNTED_FOR = "what was counted names nobody that a rule knows"
    NOT_AT_THE_GATEWAY = "the provider counted tokens that no gateway did"
    NO_ACCOUNT = "no rule knows the billed project or key, and no gateway counted its tokens"
    NO_MODEL = "no rule knows the billed project or key, and tables/models.toml no model of this meter"
    NO_USER = "no service was asked for the model that lies there"
