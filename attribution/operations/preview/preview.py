"""A proposal beside what stands: for every tenant and use, what a range cost and what it would have cost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from attribution.operations.preview.beside import ALL_TENANTS, ALL_USES, Beside, beside
from attribution.operations.preview.compute import Computed, compute
from attribution.operations.preview.inputs import hash_of_inputs, hash_of_rows, stale_bills
from attribution.operations.preview.reach import Reach, reach_of
from attribution.operations.preview.reading_only import reading_only
from attribution.operations.preview.sums import Sums
from attribution.operations.proposal import Proposal
from attribution.operations.uncollected import uncollected
from attribution.queries.coverage import Coverage, coverage
from attribution.queries.names import names_of
from attribution.sql import statement


class PoolHours(NamedTuple):
    """How many pool-hours of devices are, and would be, `priced_by` a bill ("invoiced"), a price book
    ("price_book") or nothing ("unpriced"). `pool` None: devices of no pool."""

    pool: str | None
    priced_by: str
    stands: int
    proposed: int


@dataclass(frozen=True)
class Preview:
    """A proposal over the hours that start in [start, end), beside what the ledger says of them.

    `windows` were computed; `stale` of them wait to be attributed anyway; `from_strips` of them had no kept
    states. `inputs_hash` changes with anything that the figures rest on, `rows_hash` with any figure.
    """

    start: datetime
    end: datetime
    by_tenant_and_use: tuple[Beside, ...]
    by_tenant: tuple[Beside, ...]
    by_use: tuple[Beside, ...]
    totals: tuple[Beside, ...]
    pool_hours: tuple[PoolHours, ...]
    windows: int
    stale: int
    from_strips: int
    coverage: Coverage
    assumptions: tuple[str, ...]
    inputs_hash: str
    rows_hash: str


def preview(*, start: datetime, end: datetime, proposal: Proposal) -> Preview:
    """Compare; writes nothing, in a transaction that could not. Raises ValueError when the range is empty."""
    if end <= start:
        raise ValueError(f"the range ends {end.isoformat()}, not after its start {start.isoformat()}")
    with uncollected(), reading_only():
        stands = Sums()
        stands.add_standing(start, end)
        computed = compute(proposal, start, end)
        after, tenants = computed.sums, names_of("tenant")
        rows = beside(stands, after, lambda cell: cell, tenants)
        pool_hours = tuple(_pool_hours(reach_of(proposal, start, end), computed.pool_hours))
        return Preview(
            start,
            end,
            rows,
            beside(stands, after, lambda cell: cell._replace(use=ALL_USES), tenants),
            beside(stands, after, lambda cell: cell._replace(tenant_id=ALL_TENANTS), tenants),
            beside(stands, after, lambda cell: cell._replace(tenant_id=ALL_TENANTS, use=ALL_USES), tenants),
            pool_hours,
            len(computed.windows),
            sum(window.stale for window in computed.windows),
            computed.from_strips,
            coverage(start, end),
            tuple(_assumptions(computed, stale_bills(start, end), proposal, pool_hours)),
            hash_of_inputs(proposal, start, end, computed.windows),
            hash_of_rows(rows),
        )


def _pool_hours(reach: Reach | None, proposed: Counter[tuple[int, str]]) -> Iterator[PoolHours]:
    if reach is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement("preview_pool_hours"),
            {"start": reach.start, "end": reach.end, "clusters": list(reach.clusters)},
        )
        stands = {(pool, by): count for pool, by, count in cursor.fetchall()}
    names = names_of("pool")
    for pool, by in sorted(stands.keys() | proposed.keys()):
        yield PoolHours(names.get(pool), by, stands.get((pool, by), 0), proposed[(pool, by)])


def _assumptions(
    computed: Computed, bills: int, proposal: Proposal, pool_hours: tuple[PoolHours, ...]
) -> Iterator[str]:
    """What a reader has to know to trust the difference, in sentences."""
    yield "facts, bills and all other rules as they are now"
    stale = sum(window.stale for window in computed.windows)
    if stale:
        yield (
            f"{stale} of {len(computed.windows)} windows wait to be attributed: "
            "their difference is also that of facts or rules that changed since"
        )
    if bills:
        yield f"{bills} bills have yet to derive their cost pools: run attribution first"
    invoiced = sum(row.proposed for row in pool_hours if row.priced_by == "invoiced")
    if proposal.prices and invoiced:
        yield (
            f"{invoiced} pool-hours are invoiced: there a price book counts only "
            "where a node of several pools is divided"
        )
