"""What a window's ledger is made of: cost pools, rules, work, lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.domain.distribution import Method
from attribution.domain.tokens import Weighing

Int64 = NDArray[np.int64]


class CostPool(NamedTuple):
    """An amount to be apportioned; ids are 0 where there is none. `amount` None: unpriced."""

    hour: int
    kind: str
    part: str
    pool_id: int
    service_id: int
    resource: str
    bill_id: int
    price_id: int
    estimated: bool
    currency: str
    amount: int | None


class Rule(NamedTuple):
    """How a use is distributed; id 0 is the default of `apportion.DEFAULTS`."""

    rule_id: int
    method: Method
    fixed: Mapping[int, Decimal]
    owner: int | None


@dataclass(frozen=True)
class Work:
    """Who did how much of a service's work in an hour: parallel arrays, sorted by (tenant, model, failed).

    Tenant 0 is unknown, model 0 not said. `weighing` has the token weights by model, where tokens decided.
    """

    tenant: Int64
    model: Int64
    failed: NDArray[np.bool_]
    weight: Int64
    basis: str
    reason: str
    weighing: Mapping[int, Weighing] = field(default_factory=dict)


class Transfer(NamedTuple):
    """Bytes of one class of route that a service (or a tenant's own pod) sent in an hour.

    `provider_id` is that of the pod's cluster, 0 where it is of no matter.
    """

    transfer_class: str
    service_id: int
    tenant_id: int
    bytes: int
    provider_id: int = 0


@dataclass
class Lines:
    """Ledger lines in columns. `amount` means nothing where `priced` is False; `usage` −1 is null."""

    hour: Int64
    pool_number: Int64
    use: NDArray[np.object_]
    service: Int64
    tenant: Int64
    model: Int64
    amount: Int64
    priced: NDArray[np.bool_]
    usage: Int64
    quantity: NDArray[np.float64]
    unit: NDArray[np.object_]
    basis: NDArray[np.object_]
    rule: Int64
    reason: NDArray[np.object_]


class Share(NamedTuple):
    """Weights of an amount by tenant, model and outcome; `reason` says why a tenant may be missing."""

    tenant: Int64
    model: Int64
    failed: NDArray[np.bool_]
    weight: Int64
    basis: str
    reason: str


@dataclass
class Task:
    """One amount to be split into lines: `use_failed` is the use of what failed requests did.

    `weight` is what divided the pool, where that was a whole number: PARTS of device-minutes.
    """

    hour: int
    pool_number: int
    use: str
    service_id: int
    amount: int
    priced: bool
    share: Share
    rule_id: int = 0
    use_failed: str = ""
    usage: int | None = None
    quantity: float | None = None
    unit: str = "device-minutes"
    weight: int | None = None


def nobody(reason: str, basis: str = "measured") -> Share:
    """All to the platform, and why."""
    zero = np.zeros(1, dtype=np.int64)
    return Share(zero, zero, np.zeros(1, dtype=bool), np.ones(1, dtype=np.int64), basis, reason)
