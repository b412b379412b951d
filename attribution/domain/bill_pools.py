"""A bill's rounded total, split over what each hour, scope and kind exactly cost."""

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.domain.digits import BASE, Digits, columns_for, from_integers, sums_by
from attribution.domain.prices import spread
from attribution.domain.split_sums import split_sums

HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Hours since 1970 stay below this for 1,900 years.
_HOURS = 1 << 24
LEAST_DIGITS = 18
# So many sums are brought together at once.
_AT_ONCE = 200_000


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


class Pools(NamedTuple):
    """Cost pools of a bill: hours since 1970, places in `scopes`, and amounts in nano-units, each [n]."""

    scopes: list[Scope]
    hour: NDArray[np.int64]
    scope: NDArray[np.int64]
    amount: NDArray[np.int64]


class PoolSums:
    """Sums charges exactly, a few numbers in memory for each scope and hour.

    `digits` behind the point are those of the finest charge: spreading may not round what nano-units
    will show.
    """

    def __init__(self, digits: int = LEAST_DIGITS) -> None:
        self.digits = max(digits, LEAST_DIGITS)
        self._columns = columns_for(self.digits)
        self._places: dict[Scope, int] = {}
        # By scope and hour in one number.
        self._codes: list[NDArray[np.int64]] = []
        self._amounts: list[Digits] = []
        self._waiting = 0
        self._long: dict[tuple[int, datetime, datetime, Hashable], int] = {}
        self._live: dict[tuple[int, datetime, datetime, Hashable], Mapping[datetime, int] | None] = {}

    def places(self, scopes: Iterable[Scope]) -> NDArray[np.int64]:
        """A number for each scope, for `add_hours`."""
        places = self._places
        return np.array([places.setdefault(scope, len(places)) for scope in scopes], dtype=np.int64)

    def add_hours(self, places: NDArray[np.int64], hours: NDArray[np.int64], amounts: Digits) -> None:
        """Count charges that lie within an hour each; hours since 1970, amounts with `digits`."""
        codes, sums = sums_by(places * _HOURS + hours, amounts)
        self._codes.append(codes)
        self._amounts.append(sums)
        self._waiting += len(codes)
        if self._waiting > _AT_ONCE:
            self._sum_up()

    def add_long(
        self,
        scope: Scope,
        start: datetime,
        end: datetime,
        amount: int,
        live: Mapping[datetime, int] | None = None,
        node: Hashable = None,
    ) -> None:
        """Count charges of [start, end) in units of 10 ** -digits; they are spread once all are known.

        `live` is by hour: minutes of its node, or tokens that its provider counted; None: neither. `node`
        tells charges apart whose `live` differs.
        """
        key = (self._places.setdefault(scope, len(self._places)), start, end, node)
        self._long[key] = self._long.get(key, 0) + amount
        self._live[key] = live

    def split(self, totals: Mapping[str, int]) -> Iterable[Pools]:
        """Every pool by hour and scope, by currency; per currency they sum to `totals`, the rounded totals.

        Ties of rounding go to the earlier hour. Nothing can be added after.
        """
        scopes = list(self._places)
        self._spread_long(scopes)
        codes, amounts = self._sum_up()
        self._codes.clear()
        self._amounts.clear()
        order = sorted(range(len(scopes)), key=scopes.__getitem__)
        rank = np.empty(len(scopes), np.int64)
        rank[order] = np.arange(len(scopes))
        currencies = np.array([scope.currency for scope in scopes], dtype=object)
        for currency, total in totals.items():
            of_it = np.flatnonzero((currencies == currency)[codes // _HOURS])
            of_it = of_it[np.argsort(codes[of_it] % _HOURS * len(scopes) + rank[codes[of_it] // _HOURS])]
            parts = split_sums(total, amounts[of_it])
            yield Pools(scopes, codes[of_it] % _HOURS, codes[of_it] // _HOURS, parts)

    def _sum_up(self) -> tuple[NDArray[np.int64], Digits]:
        if len(self._codes) != 1:
            none = np.zeros((0, self._columns), np.int64)
            codes, amounts = (
                np.concatenate([np.zeros(0, np.int64), *self._codes]),
                np.concatenate([none, *self._amounts]),
            )
            self._codes.clear()
            self._amounts.clear()
            codes, amounts = sums_by(codes, amounts)
            self._codes, self._amounts = [codes], [amounts]
        self._waiting = 0
        return self._codes[0], self._amounts[0]

    def _spread_long(self, scopes: list[Scope]) -> None:
        codes, parts = [], []
        for key, amount in self._long.items():
            place, start, end, _ = key
            live = self._live[key]
            by_use = counts_by_use(scopes[place], live)
            for hour, part in spread(amount, start, end, live).items():
                # Nothing of an account was counted in that hour: no pool of 0.
                if part or not by_use:
                    codes.append(place * _HOURS + (hour - _EPOCH) // HOUR)
                    parts.append(part)
        self._long.clear()
        scale = BASE ** (self._columns - 1) // 10**self.digits
        amounts = from_integers([part * scale for part in parts], self._columns)
        self._codes.append(np.array(codes, dtype=np.int64))
        self._amounts.append(amounts)


def counts_by_use(scope: Scope, live: Mapping[datetime, int] | None) -> bool:
    """Whether hours without use have no pool at all: those of an account whose provider tells its tokens."""
    return live is not None and scope.kind != "accelerator"
