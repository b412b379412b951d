"""Rules of one scope cut and joined in time; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from ingest.fleet.spec import Ruled

R = TypeVar("R", bound=Ruled)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def outside(row: R, start: datetime | None, end: datetime | None) -> Iterator[R]:
    """What is left of a rule when [start, end) is cut out of its span: nothing, one piece or two."""
    first, last = row.start or FIRST, row.end or LAST
    lower, upper = start or FIRST, end or LAST
    if upper <= first or last <= lower:
        yield row
        return
    if first < lower:
        yield replace(row, end=start)
    if upper < last:
        yield replace(row, start=end)


def inside(row: R, start: datetime | None, end: datetime | None) -> R | None:
    """The part of a rule within [start, end); None where there is none."""
    first, last = max(row.start or FIRST, start or FIRST), min(row.end or LAST, end or LAST)
    if last <= first:
        return None
    return replace(row, start=None if first == FIRST else first, end=None if last == LAST else last)


def joined(rows: Iterable[R]) -> list[R]:
    """Neighbours that say the same become one rule: cutting leaves seams that mean nothing."""
    found: list[R] = []
    for row in sorted(rows, key=lambda row: (str(row.scope), row.start or FIRST)):
        last = found[-1] if found else None
        if last is not None and last.end is not None and last.end == row.start and _same(last, row):
            found[-1] = replace(last, end=row.end)
        else:
            found.append(row)
    return found


def _same(one: Ruled, other: Ruled) -> bool:
    return replace(one, start=other.start, end=other.end) == other
