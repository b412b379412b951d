"""Nothing is declared twice, and no two spans of the same rule overlap."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from ingest.fleet.mistakes import Mistake
from ingest.fleet.parse import Fleet
from ingest.fleet.spec import KINDS, Row, Ruled, ServiceRule

_FIRST = datetime.min.replace(tzinfo=UTC)


def check_spans(fleet: Fleet) -> Iterator[Mistake]:
    """A mistake for each row that says again what an earlier one says."""
    for kind in KINDS:
        rows = fleet.of(kind)
        yield from _overlaps(rows) if issubclass(kind, Ruled) else _twice(rows)


def _twice(rows: Iterable[Row]) -> Iterator[Mistake]:
    first: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if (earlier := first.setdefault(row.key, row)) is not row and all(row.key):
            name = "/".join(map(str, row.key))
            expected = f'one {row.NOUN} "{name}"; line {earlier.place.line} has it already'
            yield row.place.mistake("name", expected, "another one")


def _overlaps(rows: Iterable[Row]) -> Iterator[Mistake]:
    scopes: dict[tuple[Any, ...], list[Ruled]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Ruled):
            scopes[row.scope].append(row)
    for scope in scopes.values():
        scope.sort(key=lambda row: (row.start or _FIRST, row.place.line))
        longest = scope[0]
        for row in scope[1:]:
            if longest.end is None or (row.start or _FIRST) < longest.end:
                yield _overlap(longest, row)
            if longest.end is not None and (row.end is None or row.end > longest.end):
                longest = row


def _overlap(one: Ruled, other: Ruled) -> Mistake:
    earlier, later = sorted((one, other), key=lambda row: row.place.line)
    if isinstance(earlier, ServiceRule) and isinstance(later, ServiceRule):
        key = {"pod": "pods", "request": "requests", "charge": "charges"}[later.kind]
        line = earlier.place.keys.get(key, earlier.place.line)
        expected = f'"{later.pattern}" once; it belongs to service "{earlier.service}" on line {line}'
        return later.place.mistake(key, expected, "it again")
    expected = f"a span that does not overlap with that of line {earlier.place.line}, {span_text(earlier)}"
    return later.place.mistake("from", expected, span_text(later))


def span_text(row: Ruled) -> str:
    """A span for people: ends that are open have no date."""
    if row.start is None and row.end is None:
        return "always"
    start = f"from {row.start:%Y-%m-%dT%H:%MZ}" if row.start else "from the beginning"
    return f"{start} to {row.end:%Y-%m-%dT%H:%MZ}" if row.end else start
