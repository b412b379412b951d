"""What is not in a figure, and why."""

from collections.abc import Sequence
from typing import NamedTuple

from attribution.queries.costs import costs_by
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.figures import OF_CURRENT_VERSIONS
from attribution.queries.explain.sums import LineSum, amount_of, count_of
from attribution.queries.explain.versions import Pinned
from attribution.queries.filters import NO_FILTERS


class Exclusion(NamedTuple):
    """`rows` of what; `amount_nano` None where it has none or it is unknown. `currency` "" without one."""

    what: str
    why: str
    rows: int
    amount_nano: int | None
    currency: str


def exclusions(
    asked: Asked, pinned: Pinned, lines: Sequence[LineSum], currency: str, cost: int | None, dropped: int
) -> tuple[Exclusion, ...]:
    """Unpriced lines, other currencies, hours that wait or are dropped, and what the filters leave out."""
    found = []
    unpriced = sum(line.unpriced_lines for line in lines if line.currency == currency)
    if unpriced:
        found.append(
            Exclusion("ledger lines", "no bill and no price covers their minutes", unpriced, None, currency)
        )
    for other in sorted({line.currency for line in lines} - {currency}):
        of_other = [line for line in lines if line.currency == other]
        why = "another currency: currencies are never added"
        found.append(Exclusion("ledger lines", why, count_of(of_other), amount_of(of_other), other))
    if pinned.waiting:
        why = "they wait for attribution; the figure has what they said before"
        found.append(Exclusion("hours", why, pinned.waiting, None, ""))
    if dropped and asked.figure not in OF_CURRENT_VERSIONS:
        why = "retention dropped their rows: what they said is in the export of their month"
        found.append(Exclusion("hours", why, dropped, None, ""))
    # What the filters leave out is the roll-ups' total less these lines: not known without all of them.
    return tuple(found) if dropped else (*found, *_left_out(asked, pinned, currency, cost))


def _left_out(asked: Asked, pinned: Pinned, currency: str, cost: int | None) -> tuple[Exclusion, ...]:
    """What the filters leave out: known of the versions that stand now, and of no business of a tenant."""
    if asked.tenants.bound or not pinned.current or asked.filters == NO_FILTERS:
        return ()
    for total in costs_by(asked.start, asked.end, ()).totals:
        if total.currency == currency and total.amount_nano is not None:
            rest = total.amount_nano - (cost or 0)
            return (Exclusion("the rest of the range", "left out by the filters", 0, rest, currency),)
    return ()
