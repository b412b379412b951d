"""What divides a cost pool that is no device-minutes: bytes sent, calls counted, models that lie in storage.

Evidence gives *portions*: a service or a tenant and a weight. Without any, a rule decides who bears the pool,
so that a cost is never 0 only because nothing measured it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import lcm
from typing import NamedTuple

from attribution.domain.ledger import CostPool, Transfer
from attribution.domain.recognition import BYTE_CLASSES

GIBIBYTE = 2**30
# What counts for which part of a pool, the best first, and whether it measures just that (else it models it).
_MEASURES: Mapping[tuple[str, str], tuple[tuple[str, bool], ...]] = {
    ("tool_calls", ""): (("tool_calls", True),),
    ("observability", "logs"): (("log_bytes", True),),
    ("observability", "metrics"): (("active_series", True),),
    ("observability", "traces"): (("spans", True),),
    ("observability", ""): (("log_bytes", False), ("active_series", False), ("spans", False)),
    ("storage", ""): (("artifact_bytes", True),),
}
_UNITS = {
    "tool_calls": "calls",
    "log_bytes": "bytes",
    "spans": "spans",
    "active_series": "series-hours",
    "artifact_bytes": "gibibyte-hours",
}


class Measured(NamedTuple):
    """A count of one hour, resolved; ids are 0 where the rules know nobody. `provider_id` 0: of any."""

    what: str
    service_id: int
    tenant_id: int
    model_id: int
    quantity: int
    provider_id: int = 0


class Portion(NamedTuple):
    """A weight of a service (then its work names the tenants), of a tenant, or of nobody known (zeros).

    `model_id` narrows a service's work to the model that lies there.
    """

    service_id: int
    tenant_id: int
    model_id: int
    weight: int
    quantity: float
    unit: str
    basis: str


def has_measure(pool: CostPool) -> bool:
    """Whether something could have been measured that divides this pool."""
    return pool.kind in ("network", "egress", "storage", "tool_calls", "observability")


def transfer_portions(pool: CostPool, sent: Iterable[Transfer], provider_id: int) -> list[Portion]:
    """By bytes of the pool's class; else by bytes of which no class is known.

    A gateway's pool ("nat", "transit", …) is no class of route: there all bytes that leave a zone count, if
    the classes are known. Bytes in clusters of another provider than the bill's are not looked at.
    """
    own = [row for row in sent if row.bytes and _concerns(row.provider_id, provider_id)]
    exact = [row for row in own if row.transfer_class == pool.part]
    rough = [row for row in own if row.transfer_class == "all"]
    if not rough and pool.part not in BYTE_CLASSES:
        rough = [row for row in own if row.transfer_class in BYTE_CLASSES]
    senders: dict[tuple[int, int], int] = defaultdict(int)
    for row in exact or rough:
        senders[(row.service_id, row.tenant_id)] += row.bytes
    basis = "measured" if exact else "modelled"
    return [
        Portion(service, tenant, 0, size, float(size), "bytes", basis)
        for (service, tenant), size in sorted(senders.items())
    ]


def measured_portions(
    pool: CostPool, counted: Sequence[Measured], provider_id: int, users: Mapping[int, Sequence[int]]
) -> list[Portion]:
    """By what was counted for the pool's kind and part; of a model in storage, by the services that use it.

    `users` are services by model id. A model's bytes go to its services in equal parts, as one copy serves
    all of them.
    """
    for what, exact in _MEASURES.get((pool.kind, pool.part)) or _MEASURES.get((pool.kind, ""), ()):
        rows = [row for row in counted if row.what == what and _concerns(row.provider_id, provider_id)]
        if any(row.quantity for row in rows):
            portions = _by_model(rows, users) if what == "artifact_bytes" else _by_counter(rows, what)
            return portions if exact else [portion._replace(basis="modelled") for portion in portions]
    return []


def _concerns(own: int, wanted: int) -> bool:
    return not own or not wanted or own == wanted


def _by_counter(rows: Iterable[Measured], what: str) -> list[Portion]:
    """The tenant that was counted; where none is known, the service."""
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for row in rows:
        sums[(row.service_id, row.tenant_id)] += row.quantity
    return [
        Portion(service, tenant, 0, quantity, float(quantity), _UNITS[what], "measured")
        for (service, tenant), quantity in sorted(sums.items())
        if quantity
    ]


def _by_model(rows: Iterable[Measured], users: Mapping[int, Sequence[int]]) -> list[Portion]:
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in rows:
        sums[(row.model_id, row.service_id, row.tenant_id)] += row.quantity
    shares = {key: _users(key, users) for key in sums}
    # Whole weights: a third of a model's bytes is no whole number of them.
    whole = lcm(*(len(services) for services in shares.values()))
    portions = []
    for key in sorted(key for key in sums if sums[key]):
        model, _, tenant = key
        services = shares[key]
        for service in services:
            weight = sums[key] * (whole // len(services))
            quantity = sums[key] / len(services) / GIBIBYTE
            portions.append(
                Portion(service, tenant, model, weight, quantity, _UNITS["artifact_bytes"], "measured")
            )
    return portions


def _users(key: tuple[int, int, int], users: Mapping[int, Sequence[int]]) -> Sequence[int]:
    model, service, tenant = key
    return (service,) if service or tenant else (users.get(model) or (0,))
