"""What changed between two versions of a range, or between two ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from attribution.domain.changes import Cell, Terms, sum_of_terms, terms_of
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.sums import amount_of, chosen_currency, line_sums
from attribution.queries.explain.versions import Pinned, WindowVersion, pinned_versions, window_parameters
from attribution.queries.explain.whole_ranges import whole_range
from attribution.queries.organization import organization
from attribution.sql import statement

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
    """One range, as it stood at two moments. Windows of the same version cannot differ and are not read."""
    old, new = (pinned_versions(asked.span, asked.filters, asked.as_of) for asked in (before, after))
    had = set(old.windows)
    left = [window for window in old.windows if window not in set(new.windows)]
    come = [window for window in new.windows if window not in had]
    told = {(window.cluster_id, window.hour) for window in old.windows}
    return _changes(before, after, (old, left), (new, come), told)


def changes_of_ranges(before: Asked, after: Asked) -> Changes:
    """Two ranges: what each pool gave to each use, hour by hour summed up. Nothing is late here."""
    old, new = (pinned_versions(asked.span, asked.filters, asked.as_of) for asked in (before, after))
    return _changes(before, after, (old, old.windows), (new, new.windows), None)


Side = tuple[Pinned, Sequence[WindowVersion]]


def _changes(
    before: Asked, after: Asked, old: Side, new: Side, told: set[tuple[int, datetime]] | None
) -> Changes:
    sums = line_sums(before, old[0]), line_sums(after, new[0])
    usual = organization().currency
    currency = chosen_currency([*sums[0], *sums[1]], after.currency, usual)
    totals = [amount_of(line for line in of_side if line.currency == currency) or 0 for of_side in sums]
    by_hour = told is not None
    had, has = _cells(before, old[1], currency, by_hour), _cells(after, new[1], currency, by_hour)
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
    rows = [ChangedGroup(*key, *found) for key, found in groups.items() if any(found[2])]
    rows.sort(key=lambda row: (-abs(row.after_nano - row.before_nano), row[:5]))
    terms = sum_of_terms(row.terms for row in rows)
    return Changes(currency, old[0], new[0], totals[0], totals[1], terms, tuple(rows))


def _cells(
    asked: Asked, windows: Sequence[WindowVersion], currency: str, by_hour: bool
) -> Mapping[CellKey, Cell]:
    """Cells of some windows; quantity and amount of a pool are the sums over its uses."""
    if not windows:
        return {}
    parameters = asked.parameters() | window_parameters(windows)
    with whole_range() as cursor:
        cursor.execute(statement("explain_cells"), parameters | {"currency": currency, "by_hour": by_hour})
        rows = cursor.fetchall()
    amounts: dict[tuple[Any, ...], int | None] = {}
    quantities: dict[tuple[Any, ...], Decimal | None] = {}
    for row in rows:
        pool, (_, amount, quantity, _) = row[:7], row[9:]
        amounts[pool] = _plus(amounts.get(pool), None if amount is None else int(amount))
        known = None if quantity is None else Decimal(quantity).quantize(_MICRO)
        quantities[pool] = _plus(quantities.get(pool), known)
    return {CellKey(*row[:9]): _cell(row, amounts[row[:7]], quantities[row[:7]]) for row in rows}


def _cell(row: tuple[Any, ...], pool: int | None, quantity: Decimal | None) -> Cell:
    part, state, _, rules = row[9:]
    return Cell(
        None if quantity is None else Fraction(quantity),
        pool,
        0 if state is None else int(state),
        int(part),
        frozenset(rules),
    )


def _plus(known: Any, more: Any) -> Any:
    return more if known is None else known if more is None else known + more
