"""The seats of the containers that hold devices: of which service, in which tenant's namespace."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.domain.placement import NameRule, target_of
from attribution.domain.seat import NOBODY, Seat
from attribution.models.tenant_rule import TenantRule
from attribution.operations.resolve_labels import TenantResolver
from attribution.queries.inventory import HolderRow, holders_of
from attribution.queries.rules import ServiceRules

NAMESPACE = "namespace"

Rules = tuple[tuple[NameRule, ...], tuple[TenantRule, ...]]


class Holders:
    """Answers the seat of a cluster's holders, by the rules that hold at an hour."""

    def __init__(self, cluster_id: int, *, create_tenants: bool = True) -> None:
        self.cluster_id = cluster_id
        self._service_rules, self._tenants = ServiceRules(), TenantResolver((), create=create_tenants)
        self._sets: dict[Rules, int] = {}
        self._known: dict[int, Seat] = {}

    @cached_property
    def _rows(self) -> dict[int, HolderRow]:
        """Read when strips are: where their states are kept, nobody asks."""
        return {row.holder_id: row for row in holders_of(self.cluster_id)}

    def seats(
        self, hours: Sequence[datetime], hour: NDArray[np.int32], holder_id: Any, service_ids: Sequence[int]
    ) -> tuple[tuple[Seat, ...], NDArray[np.int32]]:
        """All seats there are, one for each service at least, and each row's place among them.

        `hour` are the rows' indices into `hours`. Only holders that have rows are asked for: a rule that
        makes tenants makes none for a namespace that was left long ago.
        """
        rules = [self.rules_at(moment) for moment in hours]
        set_of_hour = np.array([self._number_of(of_hour) for of_hour in rules], dtype=np.int64)
        asked, place = np.unique(set_of_hour[hour] << 32 | holder_id, return_inverse=True)
        found = [self._seat_of(key, service_ids) for key in asked.tolist()]
        seats = tuple(sorted({Seat(service_id, 0) for service_id in service_ids} | set(found)))
        index = {seat: number for number, seat in enumerate(seats)}
        return seats, np.array([index[seat] for seat in found], dtype=np.int32)[place]

    def rules_at(self, moment: datetime) -> Rules:
        """Whatever decides at a moment whose a holder is."""
        namespaces = (rule for rule in self._tenants.rules_at(moment) if rule.kind == NAMESPACE)
        return self._service_rules.at(moment), tuple(namespaces)

    def _number_of(self, rules: Rules) -> int:
        return self._sets.setdefault(rules, len(self._sets))

    def _seat_of(self, key: int, service_ids: Sequence[int]) -> Seat:
        """By the number of the rules and the holder; batches of hours ask for the same again."""
        if key not in self._known:
            rules = list(self._sets)[key >> 32]
            self._known[key] = self._seat(rules, key & 0xFFFFFFFF, service_ids)
        return self._known[key]

    def _seat(self, rules: Rules, holder_id: int, service_ids: Sequence[int]) -> Seat:
        if holder_id == 0:
            return NOBODY
        service_rules, tenant_rules = rules
        holder = self._rows[holder_id]
        service = target_of(service_rules, self.cluster_id, "pod", f"{holder.namespace}/{holder.pod}")
        tenant = self._tenants.tenant_named(tenant_rules, NAMESPACE, holder.namespace)
        return Seat(service if service in service_ids else 0, tenant)
