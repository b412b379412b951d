"""Which version of each window a figure is made of, so that it can be asked for again for ever."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from attribution.queries.filters import CostFilters
from attribution.queries.scope import EVERYBODY
from attribution.queries.span import Span
from attribution.sql import statement

_SNAPSHOT = re.compile(r"\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19}){0,999})?")


@dataclass(frozen=True)
class AsOf:
    """What was known at a moment: versions published until `moment` (inclusive) by transactions in `seen`.

    `seen` is PostgreSQL's text of a snapshot. A time alone is not enough to pin anything: a run stamps its
    versions before it commits, so one stamped earlier can appear later. None: what stands now.
    """

    moment: datetime | None = None
    seen: str | None = None

    def __post_init__(self) -> None:
        if self.seen is not None and not is_snapshot(self.seen):
            raise ValueError(f"expected a snapshot such as 812:815:813, found {self.seen!r}")


NOW = AsOf()


def is_snapshot(text: str) -> bool:
    """Whether this is a snapshot that PostgreSQL takes: `xmin:xmax:in,progress`, in rising order."""
    if not _SNAPSHOT.fullmatch(text):
        return False
    low, high, going = text.split(":")
    running = [int(number) for number in going.split(",") if number]
    bounds = 0 < int(low) <= int(high) < 2**63
    return bounds and running == sorted(set(running)) and all(int(low) <= n < int(high) for n in running)


class WindowVersion(NamedTuple):
    """A published version of one (cluster, hour)."""

    cluster_id: int
    hour: datetime
    version: int


@dataclass(frozen=True)
class Pinned:
    """The versions behind a figure, by hour and cluster.

    `as_of` is the newest `published_at` among them (the moment asked for, where one was), None where
    nothing is attributed; `digest` is a short hash of the versions and their content; `current`: each is
    the version that stands now; `waiting` of them are dirty.
    """

    as_of: datetime | None
    seen: str
    windows: tuple[WindowVersion, ...]
    digest: str
    current: bool
    waiting: int

    def parameters(self, windows: Sequence[WindowVersion] | None = None) -> dict[str, Any]:
        """These windows (all, where none are given) as statement parameters, with the bounds of their hours.

        The bounds let PostgreSQL leave out partitions that it cannot tell from the windows alone.
        """
        return window_parameters(self.windows if windows is None else windows)


def window_parameters(windows: Sequence[WindowVersion]) -> dict[str, Any]:
    """Windows as three arrays in step, and the first and last hour."""
    hours = [window.hour for window in windows]
    return {
        "of_clusters": [window.cluster_id for window in windows],
        "of_hours": hours,
        "of_versions": [window.version for window in windows],
        "first_hour": min(hours, default=None),
        "last_hour": max(hours, default=None),
    }


def pinned_versions(span: Span, filters: CostFilters, as_of: AsOf = NOW) -> Pinned:
    """The versions of a range as they stood; of the filters only the clusters count."""
    parameters = span.parameters() | filters.parameters(EVERYBODY)
    parameters |= {"as_of": as_of.moment, "seen": as_of.seen}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        seen = as_of.seen or str(cursor.fetchone()[0])
        cursor.execute(statement("explain_versions"), parameters)
        rows = cursor.fetchall()
    return Pinned(
        as_of.moment or max((row[3] for row in rows), default=None),
        seen,
        tuple(WindowVersion(*row[:3]) for row in rows),
        _digest((row[0], row[1], row[2], row[4]) for row in rows),
        all(row[5] for row in rows),
        sum(row[6] for row in rows),
    )


def _digest(rows: Iterable[tuple[int, datetime, int, Any]]) -> str:
    digest = hashlib.sha256()
    for cluster_id, hour, version, content in rows:
        digest.update(f"{cluster_id} {hour.timestamp():.0f} {version} ".encode() + bytes(content))
    return digest.hexdigest()[:16]


def version_of(cluster_id: int, hour: datetime, version: int | None) -> int | None:
    """A published version of a window, the one that stands where none is named; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT v.version FROM ledger_version v
                 JOIN attribution_window w ON w.cluster_id = v.cluster_id AND w.hour = v.hour
                WHERE v.cluster_id = %s AND v.hour = %s AND v.version = coalesce(%s, w.version)""",
            [cluster_id, hour, version],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])
