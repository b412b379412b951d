"""Which windows a proposal may concern."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from attribution.models.pool import Pool
from attribution.models.token_coefficients import TokenCoefficients
from attribution.operations.attribute_windows import all_clusters
from attribution.operations.proposal import Proposal
from attribution.sql import statement


class Reach(NamedTuple):
    """Hours that start in [start, end), of these clusters; 0, what belongs to none, stands last."""

    start: datetime
    end: datetime
    clusters: tuple[int, ...]


class WindowNow(NamedTuple):
    """A window as it stands. `stale`: facts or rules have changed since it was attributed."""

    cluster_id: int
    hour: datetime
    stale: bool
    mark: str


def reach_of(proposal: Proposal, start: datetime, end: datetime) -> Reach | None:
    """The hull of all spans that are proposed within [start, end), None when there is none.

    What is about one pool concerns its cluster, anything else all of them. What belongs to no cluster is
    shared by what clusters served, so it is always among them.
    """
    spans = [_within(row.valid, start, end) for row in _rows(proposal)]
    spans = [(first, last) for first, last in spans if first < last]
    if not spans:
        return None
    pools = [pool for row in _rows(proposal) for pool in _pools(row)]
    clusters = all_clusters()
    if None not in pools:
        known = [pool for pool in pools if pool is not None]
        about = {0, *Pool.objects.filter(pk__in=known).values_list("cluster_id", flat=True)}
        clusters = [cluster for cluster in clusters if cluster in about]
    return Reach(min(first for first, _ in spans), max(last for _, last in spans), tuple(clusters))


def windows_of(reach: Reach) -> list[WindowNow]:
    """Every window there is in a reach, by hour, the one of no cluster after the others."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement("preview_windows"),
            {"start": reach.start, "end": reach.end, "clusters": list(reach.clusters)},
        )
        return [WindowNow(*row) for row in cursor.fetchall()]


def _pools(row: Any) -> list[int | None]:
    """None: all of them. A fit is about those with its accelerator; where there is none, about none."""
    if isinstance(row, TokenCoefficients):
        return list(Pool.objects.filter(accelerator=row.accelerator).values_list("pk", flat=True))
    return [row.pool_id]


def _rows(proposal: Proposal) -> Iterator[Any]:
    kinds: Sequence[Sequence[Any]] = (
        proposal.rules, proposal.entitlements, proposal.prices, proposal.reserves, proposal.fits,
    )  # fmt: skip
    return (proposed.row for kind in kinds for proposed in kind)


def _within(span: Any, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    return max(span.lower or start, start), min(span.upper or end, end)
