"""What can be asked: each question with its dimensions and filters."""

from dataclasses import dataclass

from attribution.queries.dimensions import CostDimension, UnitDimension, UtilizationDimension
from portal.accounts.permissions import Permission

COMMON = ("from", "to", "format", "limit", "offset")


@dataclass(frozen=True)
class Question:
    """`name` is that of its address and of the permission that it needs; `more` are parameters of its own."""

    permission: Permission
    summary: str
    dimensions: tuple[str, ...]
    filters: tuple[str, ...]
    more: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As in the address: `unit-costs`."""
        return self.permission.value

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
