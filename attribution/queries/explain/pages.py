"""Evidence comes in pages by key: a month has a million lines and nobody reads them at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection

from attribution.queries.explain.asked import Asked
from attribution.queries.explain.versions import Pinned, WindowVersion, window_parameters
from attribution.sql import statement

T = TypeVar("T")
MOST = 1000
# Windows read at once; a page is usually full after the first few.
_AT_ONCE = 48


class Place(NamedTuple):
    """Where a page starts: behind this row."""

    hour: datetime
    cluster_id: int
    number: int


START = Place(datetime(1900, 1, 1, tzinfo=UTC), -1, -1)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows in order, and the place behind the last one; None where nothing follows."""

    rows: tuple[T, ...]
    after: Place | None


def page_of(
    name: str,
    make: Callable[[tuple[Any, ...]], T],
    place_of: Callable[[T], Place],
    asked: Asked,
    pinned: Pinned,
    *,
    currency: str | None,
    after: Place = START,
    limit: int = 100,
) -> Page[T]:
    """Rows of a statement over windows behind a place; at most `limit`, never more than MOST."""
    limit = min(limit, MOST)
    rows: list[T] = []
    for windows in _from(pinned, after):
        parameters = asked.parameters() | window_parameters(windows)
        parameters |= {"after_hour": after.hour, "after_cluster": after.cluster_id}
        parameters |= {"after_number": after.number, "currency": currency, "limit": limit + 1 - len(rows)}
        with connection.cursor() as cursor:
            cursor.execute(statement(name), parameters)
            rows += [make(row) for row in cursor.fetchall()]
        if len(rows) > limit:
            return Page(tuple(rows[:limit]), place_of(rows[limit - 1]))
    return Page(tuple(rows), None)


def _from(pinned: Pinned, after: Place) -> Iterator[tuple[WindowVersion, ...]]:
    """Windows that can have rows behind a place, some at a time; they are sorted by hour and cluster."""
    windows = [w for w in pinned.windows if (w.hour, w.cluster_id) >= (after.hour, after.cluster_id)]
    for start in range(0, len(windows), _AT_ONCE):
        yield tuple(windows[start : start + _AT_ONCE])
