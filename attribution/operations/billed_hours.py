"""To which hours and cost pools lines of a bill belong: by the node's life, or by a provider's tokens."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.domain.bill_pools import PoolSums, Scope, counts_by_use
from attribution.domain.billed_account import KINDS, account_in
from attribution.domain.digits import BASE, as_integers
from attribution.operations.bill_lines import BillLines
from attribution.operations.bill_meanings import Meaning
from attribution.operations.bill_nodes import MINUTE
from attribution.operations.usage_spread import UsageSpread

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
MICROSECONDS_PER_HOUR, _MINUTE = 3_600_000_000, 60_000_000
_EVER = 1 << 62
Numbers = NDArray[np.int64]


class Spell(NamedTuple):
    """Lines that mean the same in the same period; `lines` are their places."""

    meaning: int
    start: datetime
    end: datetime
    lines: Numbers


@lru_cache(maxsize=20_000)
def moment(microseconds: int) -> datetime:
    """Of the epoch: a bill has few moments."""
    return _EPOCH + timedelta(microseconds=microseconds)


def live_scope(
    meaning: Meaning, start: datetime, end: datetime, spread: UsageSpread
) -> tuple[Scope, Mapping[datetime, int] | None]:
    """The scope, and by hour the live minutes of its node, or the tokens that its provider counted.

    None: the period alone spreads the charge.
    """
    scope, node = meaning.scope, meaning.node
    if scope.kind in KINDS and scope.resource:
        return scope, spread.hours(account_in(scope.resource), start, end)
    live = node.live_minutes(start, end) if node and scope.part == "nodes" else None
    if live is not None and not any(live.values()):
        # The node is known, but not from these hours: billed, and no sample.
        return silent(scope), None
    return scope, live


def silent(scope: Scope) -> Scope:
    """That of a node in hours in which it did not live."""
    return scope._replace(part="silent")


def add_lines(sums: PoolSums, lines: BillLines, spread: UsageSpread) -> None:
    """Count lines in the hours in which they belong; amounts in the columns of `sums.digits`."""
    hour = lines.start // MICROSECONDS_PER_HOUR
    short = lines.end <= (hour + 1) * MICROSECONDS_PER_HOUR
    _add_short(sums, lines, np.flatnonzero(short), spread)
    scale = BASE ** (lines.amount.shape[1] - 1) // 10**sums.digits
    for spell in spells(lines, np.flatnonzero(~short)):
        meaning = lines.meanings[spell.meaning]
        scope, live = live_scope(meaning, spell.start, spell.end, spread)
        amount = sum(as_integers(lines.amount[spell.lines])) // scale
        sums.add_long(scope, spell.start, spell.end, amount, live, meaning.node)


def spells(lines: BillLines, some: Numbers) -> Iterator[Spell]:
    """These lines, by what they mean and their period."""
    if not len(some):
        return
    meaning, start, end = lines.meaning[some], lines.start[some], lines.end[some]
    order = np.lexsort((end, start, meaning))
    changes = (np.diff(column[order]) != 0 for column in (meaning, start, end))
    for places in np.split(order, np.flatnonzero(np.logical_or.reduce(list(changes))) + 1):
        one = places[0]
        yield Spell(int(meaning[one]), moment(int(start[one])), moment(int(end[one])), some[places])


def _add_short(sums: PoolSums, lines: BillLines, some: Numbers, spread: UsageSpread) -> None:
    """Lines that lie within an hour, all at once: only whether their node lived then has to be asked."""
    scopes = [meaning.scope for meaning in lines.meanings]
    places = sums.places([*map(silent, scopes), *scopes])
    places = places[lines.meaning[some] + len(scopes) * _lived(lines, some)]
    taken = _has_pool(lines, some, spread)
    some, places = some[taken], places[taken]
    sums.add_hours(places, lines.start[some] // MICROSECONDS_PER_HOUR, lines.amount[some])


def _lived(lines: BillLines, some: Numbers) -> NDArray[np.bool_]:
    """Whether each line's node lived for a minute of its hour, as in `live_scope`; True without a node."""
    lives = np.array([_life(meaning) for meaning in lines.meanings], dtype=np.int64).reshape(-1, 2)
    first, last = lives[lines.meaning[some]].T
    start, end = lines.start[some], lines.end[some]
    hour = _hour_of(start)
    touched = _hour_of(np.maximum(first, start)) < np.minimum(last, end)
    minutes = (np.minimum(last, hour + MICROSECONDS_PER_HOUR) - np.maximum(first, hour)) // _MINUTE
    lived: NDArray[np.bool_] = touched & (minutes > 0)
    return lived


def _hour_of(moments: Numbers) -> Numbers:
    return moments // MICROSECONDS_PER_HOUR * MICROSECONDS_PER_HOUR


def _life(meaning: Meaning) -> tuple[int, int]:
    node = meaning.node if meaning.scope.part == "nodes" else None
    if node is None or node.declared or node.first_seen is None or node.last_seen is None:
        return -_EVER, _EVER
    return micros(node.first_seen), micros(node.last_seen + MINUTE)


def micros(when: datetime) -> int:
    """The opposite of `moment`."""
    return (when - _EPOCH) // _MICRO


def _has_pool(lines: BillLines, some: Numbers, spread: UsageSpread) -> NDArray[np.bool_]:
    """All but lines of nothing for an account whose provider tells the hours of its use."""
    of_account = np.array([m.scope.kind in KINDS and bool(m.scope.resource) for m in lines.meanings])
    free = ~lines.amount[some].any(axis=1) & of_account[lines.meaning[some]]
    taken = np.ones(len(some), bool)
    for place in np.flatnonzero(free):
        row = some[place]
        meaning = lines.meanings[lines.meaning[row]]
        scope, live = live_scope(meaning, moment(int(lines.start[row])), moment(int(lines.end[row])), spread)
        taken[place] = not counts_by_use(scope, live)
    return taken
