"""Which lines are meant."""

from dataclasses import dataclass, fields
from typing import Any

from attribution.queries.dimensions import WORDS
from attribution.queries.scope import TenantScope
from attribution.sql import array_of

_PLURAL = {"basis": "bases"}


@dataclass(frozen=True)
class CostFilters:
    """Ids (0: lines without one) and words to keep; None keeps all."""

    tenant: frozenset[int] | None = None
    service: frozenset[int] | None = None
    model: frozenset[int] | None = None
    cluster: frozenset[int] | None = None
    pool: frozenset[int] | None = None
    kind: frozenset[str] | None = None
    use: frozenset[str] | None = None
    basis: frozenset[str] | None = None

    def parameters(self, scope: TenantScope) -> dict[str, Any]:
        """Statement parameters, narrowed to the scope: what it does not hold matches nothing."""
        chosen: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        allowed = scope.tenant_ids()
        if allowed is not None:
            chosen["tenant"] = allowed if self.tenant is None else allowed & self.tenant
        return {
            _PLURAL.get(name, f"{name}s"): None if ids is None else _array(name, ids)
            for name, ids in chosen.items()
        }


NO_FILTERS = CostFilters()


def _array(name: str, kept: Any) -> Any:
    return sorted(kept) if name in WORDS else array_of(kept)
