"""What changed between two versions of a range, or between two ranges."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from attribution.domain.changes import Cell, Terms, sum_of_terms, terms_of
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.dropped import refuse_dropped
from attribution.queries.explain.sums import chosen_currency
from attribution.queries.explain.versions import Pinned, WindowVersion, pinned_versions, window_parameters
from attribution.queries.explain.whole_ranges import whole_range
from attribution.queries.organization import organization
from attribution.sql import array_of, statement

_MICRO = Decimal("0.000001")


class CellKey(NamedTuple):
    """A cost pool and what of it went into one use of one service; `hour` None between ranges."""

    hour: datetime | None
    cluster_id: int
    kind: str
    part: str
    pool_id: int
    pool_service_id: int
    resource: str
    use: str
    service_id: int


class ChangedGroup(NamedTuple):
    """What changed of one use of one service in one pool, over all hours."""

    cluster_id: int
    kind: str
    pool_id: int
    use: str
    service_id: int
    before_nano: int
    after_nano: int
    terms: Terms


@dataclass(frozen=True)
class Changes:
    """Two figures in one currency and why they differ: the terms sum to the difference to the nano-unit.

    `groups` are what changed, the largest first; what they say sums to the terms.
    """

    currency: str
    before: Pinned
    after: Pinned
    before_nano: int
    after_nano: int
    terms: Terms
    groups: tuple[ChangedGroup, ...]

    @property
    def difference_nano(self) -> int:
        """After less before."""
        return self.after_nano - self.before_nano


def changes_of_versions(before: Asked, after: Asked) -> Changes:
    """One range, as it stood at two moments. Windows of the same version cannot differ and are not read.

    Raises RowsDropped where hours of it have no rows any more.
    """
    old, new = (pinned_versions(asked.span, asked.filters, asked.as_of) for asked in (before, after))
    had = set(old.windows)
    left = [window for window in old.windows if window not in set(new.windows)]
    come = [window for window in new.windows if window not in had]
    told = {(window.cluster_id, window.hour) for window in old.windows}
    return _changes(before, after, (old, left), (new, come), told)


def changes_of_ranges(before: Asked, after: Asked) -> Changes:
    """Two ranges: what each pool gave to each use, hour by hour summed up. Nothing is late here.

    Raises RowsDropped where hours of one have no rows any more.
    """
    old, new = (pinned_versions(asked.span, asked.filters, asked.as_of) for asked in (before, after))
    return _changes(before, after, (old, old.windows), (new, new.windows), None)


Side = tuple[Pinned, Sequence[WindowVersion]]


def _changes(
    before: Asked, after: Asked, old: Side, new: Side, told: set[tuple[int, datetime]] | None
) -> Changes:
    refuse_dropped(old[0], new[0])
    by_hour = told is not None
    rows = _rows(before, old[1], by_hour), _rows(after, new[1], by_hour)
    had_nano, has_nano = map(_totals, rows)
    if by_hour:
        # Only windows that differ were read, and what the others say is the same on both sides.
        whole = _whole(before, old[0])
        had_nano, has_nano = whole, _moved(whole, had_nano, has_nano)
    currency = chosen_currency([*had_nano, *has_nano], after.currency, organization().currency)
    had, has = (_cells(row for row in of_side if row[_CURRENCY] == currency) for of_side in rows)
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for key in had.keys() | has.keys():
        one, other = had.get(key), has.get(key)
        late = told is not None and key.hour is not None and (key.cluster_id, key.hour) in told
        found = groups.setdefault(
            (key.cluster_id, key.kind, key.pool_id, key.use, key.service_id), [0, 0, Terms()]
        )
        found[0] += one.part if one else 0
        found[1] += other.part if other else 0
        found[2] = found[2].plus(terms_of(one, other, told=late))
    groups_of = [ChangedGroup(*key, *found) for key, found in groups.items() if any(found[2])]
    groups_of.sort(key=lambda row: (-abs(row.after_nano - row.before_nano), row[:5]))
    terms = sum_of_terms(row.terms for row in groups_of)
    return Changes(
        currency,
        old[0],
        new[0],
        had_nano.get(currency, 0),
        has_nano.get(currency, 0),
        terms,
        tuple(groups_of),
    )


# Of a row of explain_cells: nine columns name the cell, then its currency, lines, and what is in the figure.
_CURRENCY, _LINES, _PART = 9, 10, 11
Amounts = dict[str, int]


def _rows(asked: Asked, windows: Sequence[WindowVersion], by_hour: bool) -> list[tuple[Any, ...]]:
    """Cells of some windows in every currency, as PostgreSQL sums them."""
    if not windows:
        return []
    seen = asked.tenants.tenant_ids()
    parameters = asked.parameters() | window_parameters(windows)
    parameters |= {"seen_tenants": None if seen is None else array_of(seen)}
    with whole_range() as cursor:
        cursor.execute(statement("explain_cells"), parameters | {"by_hour": by_hour})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _totals(rows: Iterable[tuple[Any, ...]]) -> Amounts:
    """The figure by currency; of currencies that have a line in it."""
    totals: Amounts = {}
    for row in rows:
        if row[_LINES]:
            totals[row[_CURRENCY]] = totals.get(row[_CURRENCY], 0) + int(row[_PART])
    return totals


def _whole(asked: Asked, pinned: Pinned) -> Amounts:
    """The figure by currency, over all windows."""
    if not pinned.windows:
        return {}
    with whole_range() as cursor:
        cursor.execute(statement("explain_totals"), asked.parameters() | pinned.parameters())
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def _moved(whole: Amounts, less: Amounts, more: Amounts) -> Amounts:
    return {
        currency: whole.get(currency, 0) - less.get(currency, 0) + more.get(currency, 0)
        for currency in whole.keys() | more.keys()
    }


def _cells(rows: Iterable[tuple[Any, ...]]) -> Mapping[CellKey, Cell]:
    """Cells of one currency; quantity and amount of a pool are the sums over its uses."""
    rows = list(rows)
    amounts: dict[tuple[Any, ...], int | None] = {}
    quantities: dict[tuple[Any, ...], Decimal | None] = {}
    for row in rows:
        pool, (_, amount, quantity, _) = row[:7], row[_PART:]
        amounts[pool] = _plus(amounts.get(pool), None if amount is None else int(amount))
        known = None if quantity is None else Decimal(quantity).quantize(_MICRO)
        quantities[pool] = _plus(quantities.get(pool), known)
    return {CellKey(*row[:9]): _cell(row, amounts[row[:7]], quantities[row[:7]]) for row in rows}


def _cell(row: tuple[Any, ...], pool: int | None, quantity: Decimal | None) -> Cell:
    part, state, _, rules = row[_PART:]
    return Cell(
        None if quantity is None else Fraction(quantity),
        pool,
        0 if state is None else int(state),
        int(part),
        frozenset(rules),
    )


def _plus(known: Any, more: Any) -> Any:
    return more if known is None else known if more is None else known + more
