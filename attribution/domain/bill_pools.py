"""A bill's rounded total, split over what each hour, scope and kind exactly cost."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import NamedTuple

from attribution.domain.hours import floor_hour
from attribution.domain.money import split_sums
from attribution.domain.prices import spread

HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Hours since 1970 stay below this for 1,900 years.
_HOURS = 1 << 24
_EXACT = Context(prec=200)
LEAST_DIGITS = 18


class Scope(NamedTuple):
    """Where a charge belongs; ids are 0 where there is none.

    `resource` names a node nobody saw, one that several pools divide (`node_pools`), or the account that a
    provider billed (`billed_account`).
    """

    cluster_id: int
    pool_id: int
    service_id: int
    kind: str
    part: str
    resource: str
    currency: str


class Pool(NamedTuple):
    """One cost pool of a bill: a scope in an hour, in nano-units."""

    hour: datetime
    scope: Scope
    amount: int


class PoolSums:
    """Sums charges exactly, a number or two in memory for each scope and hour.

    A million pools are held as pairs of integers: as named tuples and fractions they took 1.4 GiB.
    """

    def __init__(self) -> None:
        self._places: dict[Scope, int] = {}
        # By scope and hour in one number; in whole numbers of 10 ** -digits.
        self._sums: dict[int, int] = {}
        self._digits = LEAST_DIGITS
        self._long: dict[tuple[int, datetime, datetime, Hashable], Decimal] = defaultdict(Decimal)
        self._live: dict[tuple[int, datetime, datetime, Hashable], Mapping[datetime, int] | None] = {}

    def add(
        self,
        scope: Scope,
        start: datetime,
        end: datetime,
        amount: Decimal,
        live: Mapping[datetime, int] | None = None,
        node: Hashable = None,
    ) -> None:
        """Count a charge of [start, end).

        `live` is by hour: minutes of its node, or tokens that its provider counted; None: neither. `node`
        tells charges apart whose `live` differs. Charges longer than an hour are spread once all are known.
        """
        place = self._places.setdefault(scope, len(self._places))
        exponent = amount.as_tuple().exponent
        self._make_room(-exponent if isinstance(exponent, int) else 0)
        hour = floor_hour(start)
        if end <= hour + HOUR:
            if amount or not _by_use(scope, live):
                self._count(place, hour, int(amount.scaleb(self._digits, _EXACT)))
            return
        key = (place, start, end, node)
        self._long[key] = _EXACT.add(self._long[key], amount)
        self._live[key] = live

    def split(self, totals: Mapping[str, int]) -> Iterator[Pool]:
        """Every pool, by currency, hour and scope; per currency they sum to `totals`, the rounded totals.

        Ties of rounding go to the earlier hour. Nothing can be added after.
        """
        scopes = list(self._places)
        self._spread_long(scopes)
        order = sorted(range(len(scopes)), key=scopes.__getitem__)
        rank = {place: number for number, place in enumerate(order)}
        for currency, total in totals.items():
            keys = sorted(
                code % _HOURS * len(scopes) + rank[code // _HOURS]
                for code in self._sums
                if scopes[code // _HOURS].currency == currency
            )
            codes = [order[key % len(scopes)] * _HOURS + key // len(scopes) for key in keys]
            parts = split_sums(total, [self._sums[code] for code in codes], 10**self._digits)
            for code, part in zip(codes, parts, strict=True):
                yield Pool(_EPOCH + code % _HOURS * HOUR, scopes[code // _HOURS], part)

    def _spread_long(self, scopes: list[Scope]) -> None:
        for key, amount in self._long.items():
            place, start, end, _ = key
            live = self._live[key]
            by_use = _by_use(scopes[place], live)
            for hour, part in spread(int(amount.scaleb(self._digits, _EXACT)), start, end, live).items():
                # Nothing of an account was counted in that hour: no pool of 0.
                if part or not by_use:
                    self._count(place, hour, part)
        self._long.clear()

    def _count(self, place: int, hour: datetime, amount: int) -> None:
        code = place * _HOURS + (hour - _EPOCH) // HOUR
        self._sums[code] = self._sums.get(code, 0) + amount

    def _make_room(self, digits: int) -> None:
        """Spreading may not round what nano-units will show: the finest digit of any charge counts."""
        if digits > self._digits:
            scale = 10 ** (digits - self._digits)
            self._sums = {code: amount * scale for code, amount in self._sums.items()}
            self._digits = digits


def _by_use(scope: Scope, live: Mapping[datetime, int] | None) -> bool:
    return live is not None and scope.kind != "accelerator"
