"""A bill's rounded total, split over what each hour, scope and kind exactly cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from attribution.domain.money import split_total
from attribution.domain.prices import spread


class Scope(NamedTuple):
    """Where a charge belongs; ids are 0 where there is none.

    `resource` names a node nobody saw, or the account that a provider billed (`billed_account`).
    """

    cluster_id: int
    pool_id: int
    service_id: int
    kind: str
    part: str
    resource: str
    currency: str


class PoolKey(NamedTuple):
    """One cost pool of a bill: a scope in an hour. Ties of rounding go to the earlier hour."""

    hour: datetime
    scope: Scope


class ChargeGroup(NamedTuple):
    """Charges of one scope and charge period.

    `live` is by hour: the minutes of their node, or the tokens that their provider counted; None: neither.
    """

    scope: Scope
    start: datetime
    end: datetime
    amount: Decimal
    live: Mapping[datetime, int] | None


def bill_pools(groups: Iterable[ChargeGroup], totals: Mapping[str, int]) -> dict[PoolKey, int]:
    """Nano-units per cost pool; per currency they sum to `totals`, the bill's rounded totals.

    Charges longer than an hour are spread over the live hours of their node, evenly where there is none.
    """
    groups = list(groups)
    # Exact in whole units of the finest digit that a charge has: fractions would take ten times as long.
    unit = 10 ** max((_digits(group.amount) for group in groups), default=0)
    exact: dict[str, dict[PoolKey, int]] = {currency: defaultdict(int) for currency in totals}
    for group in groups:
        parts = spread(int(Fraction(group.amount) * unit), group.start, group.end, group.live)
        of_currency = exact[group.scope.currency]
        used_only = group.live is not None and group.scope.kind != "accelerator"
        for hour, part in parts.items():
            if used_only and not part:
                continue  # nothing of the account was counted in that hour: no pool of 0
            of_currency[PoolKey(hour, group.scope)] += part
    pools: dict[PoolKey, int] = {}
    for currency, total in totals.items():
        sums = {key: Fraction(part, unit) for key, part in exact[currency].items()}
        pools |= split_total(total, sums)
    return pools


def _digits(amount: Decimal) -> int:
    """Digits after the point, 18 at least: spreading may not round what nano-units will show."""
    exponent = amount.as_tuple().exponent
    return max(18, -exponent if isinstance(exponent, int) else 0)
