"""What somebody would like to declare, held beside what is declared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from attribution.models.distribution_rule import DistributionRule
from attribution.models.entitlement import Entitlement
from attribution.models.price import Price
from attribution.models.reserve import Reserve
from attribution.models.token_coefficients import TokenCoefficients
from attribution.models.validity import Validity

V = TypeVar("V", bound=Validity)

# What tells rows of a kind apart beside their span: of these fields the database refuses two that overlap.
SCOPES: Mapping[type[Validity], tuple[str, ...]] = {
    DistributionRule: ("use", "pool_id", "service_id"),
    Entitlement: ("tenant_id", "pool_id", "service_id"),
    Price: ("pool_id",),
    Reserve: ("pool_id", "service_id", "kind"),
    TokenCoefficients: ("model_id", "accelerator", "runtime"),
}


class Proposed(NamedTuple, Generic[V]):
    """A row that is not saved. It stands in place of all rows of its scope for its span; `withdrawn`: only
    those others would go."""

    row: V
    withdrawn: bool = False


@dataclass(frozen=True)
class Proposal:
    """Any number of rows. Rules need an id that is not 0, as that says "by default"; take negative ones.

    `fits` are token weights that were proposed, as if they were approved, or, withdrawn, approved ones as if
    they were not.
    """

    rules: Sequence[Proposed[DistributionRule]] = ()
    entitlements: Sequence[Proposed[Entitlement]] = ()
    prices: Sequence[Proposed[Price]] = ()
    reserves: Sequence[Proposed[Reserve]] = ()
    fits: Sequence[Proposed[TokenCoefficients]] = ()


NOTHING_PROPOSED = Proposal()


class Standing(Generic[V]):
    """Rows of one kind as they would stand: what is stored, and what is proposed in its place."""

    def __init__(self, stored: Iterable[V], proposed: Sequence[Proposed[V]] = ()) -> None:
        self._stored, self._proposed = list(stored), proposed
        self.at = lru_cache(maxsize=None)(self._at)

    def __bool__(self) -> bool:
        return bool(self._stored or self._proposed)

    def _at(self, hour: datetime) -> list[V]:
        """Those that hold at the start of an hour: the hour is the unit of attribution."""
        instead = [proposed for proposed in self._proposed if proposed.row.holds_at(hour)]
        scopes = {_scope(proposed.row) for proposed in instead}
        kept = [row for row in self._stored if row.holds_at(hour) and _scope(row) not in scopes]
        return kept + [proposed.row for proposed in instead if not proposed.withdrawn]


def _scope(row: Validity) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in SCOPES[type(row)])
