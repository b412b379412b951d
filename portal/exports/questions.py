"""What can be asked: each question with its dimensions and filters."""

from dataclasses import dataclass

from attribution.queries.dimensions import CostDimension, UnitDimension, UtilizationDimension
from portal.accounts.permissions import Permission

COMMON = ("from", "to", "format", "limit", "offset")


@dataclass(frozen=True)
class Question:
    """`more` are parameters of its own. Without an `address` it has the name of its permission."""

    permission: Permission
    summary: str
    dimensions: tuple[str, ...]
    filters: tuple[str, ...]
    more: tuple[str, ...] = ()
    address: str = ""

    @property
    def name(self) -> str:
        """As in the address: `unit-costs`."""
        return self.address or self.permission.value

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every parameter that the question knows."""
        grouped = ("group_by",) if self.dimensions else ()
        return (*COMMON[:2], *grouped, *self.filters, *self.more, *COMMON[2:])


COSTS = Question(
    Permission.COSTS,
    "What was borne, by whom and for what",
    tuple(dimension.value for dimension in CostDimension),
    ("tenant", "service", "model", "cluster", "pool", "kind", "use", "basis"),
    ("currency",),
)
UNIT_COSTS = Question(
    Permission.UNIT_COSTS,
    "What one successful request, and a million tokens, cost",
    tuple(dimension.value for dimension in UnitDimension),
    ("tenant", "service", "model"),
)
UTILIZATION = Question(
    Permission.UTILIZATION,
    "What devices did with their minutes",
    tuple(dimension.value for dimension in UtilizationDimension),
    ("cluster", "pool", "service"),
)
RECONCILIATION = Question(Permission.RECONCILIATION, "Whether the ledger says what the bills say", (), ())
ENGINE_RESIDUALS = Question(
    Permission.RECONCILIATION,
    "Whether engines count what gateways count, by service",
    (),
    (),
    address="engine-residuals",
)
PROVIDER_RESIDUALS = Question(
    Permission.RECONCILIATION,
    "Whether gateways and known keys count what providers count, by model",
    (),
    (),
    address="provider-residuals",
)
UNKNOWN_METERS = Question(
    Permission.RECONCILIATION,
    "Meters of providers' bills that tell no known model, with their rows and cost",
    (),
    (),
    address="unknown-meters",
)
TRANSFER_BYTES = Question(
    Permission.RECONCILIATION,
    "Bytes on the bill against measured bytes, by day, cluster and class of route",
    (),
    (),
    address="transfer-bytes",
)
TRANSFERS = Question(
    Permission.COSTS,
    "Who bears the network's cost, by class of route and by which bytes",
    (),
    ("tenant", "cluster"),
    address="transfers",
)
TOKEN_FITS = Question(
    Permission.UTILIZATION,
    "Fitted token weights: proposed, approved and refused, with their quality",
    (),
    (),
    address="token-fits",
)
QUESTIONS = (
    COSTS, UNIT_COSTS, UTILIZATION, RECONCILIATION, ENGINE_RESIDUALS, PROVIDER_RESIDUALS, UNKNOWN_METERS,
    TRANSFER_BYTES, TRANSFERS, TOKEN_FITS,
)  # fmt: skip
