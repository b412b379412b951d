"""Whose figures a reader may see."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection

from attribution.sql import statement


@dataclass(frozen=True)
class TenantScope:
    """Subtrees of tenants by the ids of their roots; `roots` None is everybody, platform lines included.

    A scope with roots never has lines without a tenant, nor those of other tenants: its totals are those
    of its subtrees. `known` are the ids of its tenants, where somebody has asked for them before.
    """

    roots: frozenset[int] | None = None
    known: frozenset[int] | None = field(default=None, compare=False, repr=False)

    @property
    def bound(self) -> bool:
        """Whether something is kept from this reader."""
        return self.roots is not None

    def tenant_ids(self) -> frozenset[int] | None:
        """Ids of all tenants in scope, roots included; None for everybody."""
        return None if self.roots is None else self._below

    @cached_property
    def _below(self) -> frozenset[int]:
        return subtree_ids(self.roots or frozenset()) if self.known is None else self.known

    def holds(self, tenant_id: int) -> bool:
        """Whether this tenant is in scope."""
        if self.roots is None or tenant_id in self.roots:
            return True
        return bool(self.roots) and tenant_id in self._below

    def __or__(self, other: "TenantScope") -> "TenantScope":
        if self.roots is None or other.roots is None:
            return EVERYBODY
        return TenantScope(self.roots | other.roots)


EVERYBODY = TenantScope(None)
NOBODY = TenantScope(frozenset())


def subtree_ids(roots: frozenset[int]) -> frozenset[int]:
    """Ids of these tenants and of everything below them."""
    with connection.cursor() as cursor:
        cursor.execute(statement("tenants_below"), {"roots": sorted(roots)})
        return frozenset(cursor.fetchone()[0])
